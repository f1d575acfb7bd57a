#include "checkpoint/ranks.hpp"

#include <cardan/error.hpp>

#include <numeric>
#include <vector>

namespace cardan::checkpoint {

namespace {
const std::string counts = "counts/";

bool is_count(const State::Array& array)
{
  return array.name.compare(0, counts.size(), counts) == 0;
}
}  // namespace

Rows rows_of(MPI_Comm comm, std::int64_t count, mpi::Deadline deadline)
{
  std::vector<std::int64_t> all(static_cast<std::size_t>(mpi::size(comm)));
  MPI_Request request = MPI_REQUEST_NULL;
  mpi::check(MPI_Iallgather(&count, 1, MPI_INT64_T, all.data(), 1, MPI_INT64_T, comm, &request),
             "MPI_Iallgather");
  mpi::wait(request, deadline, "a checkpoint (how many rows each rank has)");
  const auto mine = all.begin() + mpi::rank(comm);
  return {std::accumulate(all.begin(), all.end(), std::int64_t{0}),
          std::accumulate(all.begin(), mine, std::int64_t{0}), count};
}

void add_own(Snapshot& snapshot, const std::string& group, const State& own, MPI_Comm comm,
             mpi::Deadline deadline)
{
  const std::string rows_in = group + "/";
  const std::string counts_in = rows_in + counts;
  for (const auto& array : own.arrays()) {
    const std::vector<std::int64_t> row(array.shape.begin() + 1, array.shape.end());
    const Rows rows = rows_of(comm, array.shape.front(), deadline);
    snapshot.add_rows(rows_in + array.name, array.dtype, rows.total, rows.first, rows.count, row,
                      array.data.data());
    snapshot.add_rows(counts_in + array.name, Dtype::int64, mpi::size(comm), mpi::rank(comm), 1, {},
                      &rows.count);
  }
}

int ranks_in(const State& group)
{
  for (const auto& array : group.arrays())
    if (is_count(array)) return static_cast<int>(array.numbers());
  return 0;
}

State own_of(const State& group, int rank)
{
  State own;
  const State all = all_of(group);
  for (const auto& array : all.arrays()) {
    const auto each = group.integers(counts + array.name);
    const std::int64_t total = std::accumulate(each.begin(), each.end(), std::int64_t{0});
    if (array.shape.empty() || array.shape.front() != total ||
        rank >= static_cast<int>(each.size()))
      throw Error{"'" + array.name + "' has " + std::to_string(array.numbers()) + " numbers",
                  "its ranks have " + std::to_string(total) + " rows"};
    const std::int64_t first = std::accumulate(each.begin(), each.begin() + rank, std::int64_t{0});
    std::vector<std::int64_t> shape = array.shape;
    shape.front() = each[static_cast<std::size_t>(rank)];
    const std::int64_t row = total > 0 ? array.numbers() / total * size_of(array.dtype) : 0;
    own.put(array.name, array.dtype, shape, array.data.data() + first * row);
  }
  return own;
}

State all_of(const State& group)
{
  State all;
  for (const auto& array : group.arrays())
    if (!is_count(array)) all.put(array.name, array.dtype, array.shape, array.data.data());
  return all;
}

}  // namespace cardan::checkpoint
