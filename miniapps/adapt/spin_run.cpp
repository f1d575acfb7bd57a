#include "spin_report.hpp"
#include "spin_search.hpp"

#include <cardan/error.hpp>

#include "support/run_file.hpp"

#include <mpi.h>

#include <filesystem>
#include <fstream>

namespace adapt {

namespace {

/// The run file of the searches: simulation and training take turns, so that they can be repeated.
/// Collective over MPI_COMM_WORLD.
std::string write_run_file(const SpinRequest& request)
{
  std::string path = (std::filesystem::path(request.folder) / "run-spin.toml").string();
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  int written = 1;
  if (rank == 0) {
    const auto run_file = cardan::Config::from_file(request.run_file);
    // Tunings are not opened here, but read: what they are otherwise cannot be repeated.
    miniapp::Overrides overrides{{"run", {{"deterministic", "true"}}}};
    for (const auto& name : run_file.table("tuning").keys())
      overrides["tuning." + name + ".scheduler"] = {{"kind", "\"halving\""}};
    std::ofstream file{path};
    file << miniapp::overridden(run_file.text(), overrides);
    written = file.flush() ? 1 : 0;
  }
  MPI_Bcast(&written, 1, MPI_INT, 0, MPI_COMM_WORLD);
  if (written == 0) throw cardan::Error::everywhere("cannot write " + path);
  return path;
}

}  // namespace

void check_spin(const SpinRequest& request)
{
  static_cast<void>(read_spin_settings(request));
}

nlohmann::json run_spin(const SpinRequest& request)
{
  const SpinSettings settings = read_spin_settings(request);
  SpinRequest written = request;
  written.run_file = write_run_file(request);
  std::vector<SpinSearch> searches;
  for (const auto& method : settings.methods) {
    if (request.without_ml && learns(mutation_of(method))) continue;
    for (const auto seed : settings.seeds)
      if (auto search = search_spins(settings, written, method, seed))
        searches.push_back(std::move(*search));
  }
  // ML ranks have nothing to say, and without them every rank but the first.
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  if (rank != 0 || searches.empty()) return nullptr;
  const SpinReport report{settings, std::move(searches)};
  print(report);
  write_spin_archive(report, request.folder);
  return summary_of(report);
}

}  // namespace adapt
