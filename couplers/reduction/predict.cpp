#include "couplers/reduction/predict.hpp"

namespace cardan::reduction {

namespace {

using Word = std::uint64_t;

Word* words(std::int64_t* numbers)
{
  return reinterpret_cast<Word*>(numbers);
}

/// Rows of one length behind each other, each less (or with) the one before it, but the first.
void subtract_rows(Word* rows, std::int64_t count, std::int64_t length)
{
  for (std::int64_t r = count - 1; r > 0; --r) {
    Word* const row = rows + r * length;
    const Word* const before = row - length;
    for (std::int64_t i = 0; i < length; ++i) row[i] -= before[i];
  }
}
void add_rows(Word* rows, std::int64_t count, std::int64_t length)
{
  for (std::int64_t r = 1; r < count; ++r) {
    Word* const row = rows + r * length;
    const Word* const before = row - length;
    for (std::int64_t i = 0; i < length; ++i) row[i] += before[i];
  }
}

}  // namespace

void difference(std::int64_t* numbers, const Slabs& slabs, int order)
{
  const auto [nz, ny, nx] = slabs.extents;
  const std::int64_t each = nz * ny * nx;
  for (int o = 0; o < order; ++o)
    for (std::int64_t s = 0; s < slabs.slabs; ++s) {
      Word* const slab = words(numbers) + s * each;
      for (std::int64_t r = 0; r < nz * ny; ++r) {
        Word* const row = slab + r * nx;
        for (std::int64_t i = nx - 1; i > 0; --i) row[i] -= row[i - 1];
      }
      for (std::int64_t z = 0; z < nz; ++z) subtract_rows(slab + z * ny * nx, ny, nx);
      subtract_rows(slab, nz, ny * nx);
    }
  if (order > 0 && slabs.apart > 0)
    for (std::int64_t s = slabs.slabs - 1; s >= slabs.apart; --s)
      words(numbers)[s * each] -= words(numbers)[(s - slabs.apart) * each];
}

void accumulate(std::int64_t* numbers, const Slabs& slabs, int order)
{
  const auto [nz, ny, nx] = slabs.extents;
  const std::int64_t each = nz * ny * nx;
  if (order > 0 && slabs.apart > 0)
    for (std::int64_t s = slabs.apart; s < slabs.slabs; ++s)
      words(numbers)[s * each] += words(numbers)[(s - slabs.apart) * each];
  for (int o = 0; o < order; ++o)
    for (std::int64_t s = 0; s < slabs.slabs; ++s) {
      Word* const slab = words(numbers) + s * each;
      add_rows(slab, nz, ny * nx);
      for (std::int64_t z = 0; z < nz; ++z) add_rows(slab + z * ny * nx, ny, nx);
      for (std::int64_t r = 0; r < nz * ny; ++r) {
        Word* const row = slab + r * nx;
        for (std::int64_t i = 1; i < nx; ++i) row[i] += row[i - 1];
      }
    }
}

}  // namespace cardan::reduction
