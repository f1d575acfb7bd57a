/// Checksums of arrays that can be added up in parts and in any order (docs/checkpoint-layout.md).
#pragma once

#include <cardan/box.hpp>

#include <cstddef>
#include <cstdint>

namespace cardan::checkpoint {

/// What elements [first, first + count) of an array add to its checksum, modulo 2^64; an element
/// has 1, 2, 4 or 8 bytes.
std::uint64_t checksum(const void* elements, std::int64_t size, std::int64_t first,
                       std::int64_t count);
/// What a dense part of a global array adds.
std::uint64_t checksum(const void* elements, std::int64_t size, const Box& box);

/// Calls `run(first, offset, count)` for each piece of a box whose elements follow each other in
/// the global array: from its element `first` on, and from element `offset` of the dense part on.
template <class Run>
void for_each_run(const Box& box, Run&& run)
{
  if (box.empty()) return;
  const int rank = box.global.rank();
  // The last dimensions that the box has whole make one piece.
  int outer = rank;
  std::int64_t length = 1;
  while (outer > 0) {
    --outer;
    length *= box.count[outer];
    if (box.count[outer] != box.global[outer]) break;
  }
  const Extents strides = row_major(box.global);
  Extents at = Extents::filled(rank, 0);
  for (std::int64_t offset = 0;; offset += length) {
    std::int64_t first = 0;
    for (int d = 0; d < rank; ++d) first += (box.offset[d] + at[d]) * strides[d];
    run(first, offset, length);
    int d = outer - 1;
    while (d >= 0 && ++at[d] == box.count[d]) at[d--] = 0;
    if (d < 0) return;
  }
}

}  // namespace cardan::checkpoint
