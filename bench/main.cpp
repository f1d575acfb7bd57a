// cardan-bench: what a step of a channel costs, beside what it costs by hand.
//   mpirun -n 2 cardan-bench --quick
//   mpirun -n 5 cardan-bench --producers 3 --consumers 2 --bytes 1MiB --json results.jsonl

#include "json_lines.hpp"
#include "options.hpp"
#include "program.hpp"
#include "reports.hpp"
#include "team.hpp"

#include <fmt/format.h>
#include <mpi.h>

#include <cstdio>

namespace {

using bench::misused;

void measure(const bench::Options& options, bench::JsonLines& json)
{
  if (options.subject == bench::Subject::scaling)
    return bench::report_scaling(MPI_COMM_WORLD, options, json);
  bench::Team team = bench::make_team(MPI_COMM_WORLD, options.producers, options.consumers);
  if (team.comm != MPI_COMM_NULL) {
    if (options.subject == bench::Subject::comparison) bench::compare(team, options, json);
    if (options.subject == bench::Subject::strided) bench::compare_strided(team, options, json);
    if (options.subject == bench::Subject::overlap) bench::report_overlap(team, options, json);
  }
  bench::disband(MPI_COMM_WORLD, team);
}

/// The limit is memory that all ranks map.
bool on_one_node()
{
  MPI_Comm node = MPI_COMM_NULL;
  MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node);
  int here = 0;
  int all = 0;
  MPI_Comm_size(node, &here);
  MPI_Comm_size(MPI_COMM_WORLD, &all);
  MPI_Comm_free(&node);
  int one = here == all ? 1 : 0;
  MPI_Allreduce(MPI_IN_PLACE, &one, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
  return one != 0;
}

int run(int argc, char** argv, bool speaks)
{
  bench::Options options;
  if (const auto status = bench::parse(options, argc, argv, MPI_COMM_WORLD)) return *status;
  if (!on_one_node()) {
    if (speaks)
      fmt::print(stderr,
                 "the ranks are on several nodes (the limit is memory that all of them map); "
                 "start it on one\n");
    return misused;
  }
  bench::JsonLines json{MPI_COMM_WORLD, options.json};
  if (!json.good()) {
    if (speaks)
      fmt::print(stderr, "--json: '{}' cannot be written; give another file\n", options.json);
    return misused;
  }
  measure(options, json);
  return 0;
}

}  // namespace

int main(int argc, char** argv)
{
  return bench::program("cardan-bench", argc, argv, [](int count, char** words, int rank) {
    return run(count, words, rank == 0);
  });
}
