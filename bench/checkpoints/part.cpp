#include "checkpoints/part.hpp"

#include "checkpoint/checksum.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace bench {

namespace {

std::array<int, 3> parts_of(Cut cut, int ranks)
{
  if (cut == Cut::slabs) return {ranks, 1, 1};
  std::array<int, 3> parts{};
  MPI_Dims_create(ranks, 3, parts.data());
  std::reverse(parts.begin(), parts.end());
  return parts;
}

}  // namespace

cardan::Extents shape_of(std::int64_t bytes)
{
  const std::int64_t elements = std::max<std::int64_t>(8, bytes / 8);
  const auto edge = static_cast<std::int64_t>(std::cbrt(static_cast<double>(elements)));
  return {elements / (edge * edge), edge, edge};
}

Part::Part(MPI_Comm comm, Cut cut, const cardan::Extents& global)
    : comm_(comm), box_{global, {0, 0, 0}, global}
{
  int rank = 0;
  int ranks = 1;
  MPI_Comm_rank(comm, &rank);
  MPI_Comm_size(comm, &ranks);
  const std::array<int, 3> parts = parts_of(cut, ranks);
  for (int d = 2; d >= 0; --d) {
    const int of = parts[static_cast<std::size_t>(d)];
    const std::int64_t at = rank % of;
    rank /= of;
    box_.offset[d] = global[d] * at / of;
    box_.count[d] = global[d] * (at + 1) / of - box_.offset[d];
  }
  values_.resize(static_cast<std::size_t>(box_.count.product()));
  cardan::checkpoint::for_each_run(
      box_, [&](std::int64_t first, std::int64_t offset, std::int64_t count) {
        for (std::int64_t i = 0; i < count; ++i)
          values_[static_cast<std::size_t>(offset + i)] = std::sqrt(static_cast<double>(first + i));
      });
}

cardan::Field Part::field() const
{
  return cardan::Field{values_.data(), box_.count}.in(box_);
}

std::uint64_t Part::checksum() const
{
  std::uint64_t sum = cardan::checkpoint::checksum(values_.data(), sizeof(double), box_);
  MPI_Allreduce(MPI_IN_PLACE, &sum, 1, MPI_UINT64_T, MPI_SUM, comm_);
  return sum;
}

}  // namespace bench
