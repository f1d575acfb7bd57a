// Prints what the miniapp's physics and schedulers give, beside what is known of them; exits with 1
// where a value is off.
//   adapt-check                                  the physics
//   mpirun -n 2 adapt-check --schedulers miniapps/adapt/adapt.toml

#include "cole_hopf.hpp"
#include "functions.hpp"
#include "options.hpp"
#include "plans.hpp"
#include "scheduler_check.hpp"

#include "support/command.hpp"

#include <cardan/cardan.hpp>

#include <fmt/format.h>
#include <mpi.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <exception>
#include <numbers>

namespace {

using adapt::Finding;
using std::numbers::pi;

bool print(const Finding& finding)
{
  fmt::print("{:<62} {:>14.8g} {:>14.8g} {:>14.8g}{}\n", finding.name, finding.value, finding.low,
             finding.high, finding.good() ? "" : "  OFF");
  std::fflush(stdout);
  return finding.good();
}

Finding near(const std::string& name, double value, double reference, double tolerance)
{
  return {name, value, reference - tolerance, reference + tolerance};
}

std::vector<Finding> check_physics()
{
  const double viscosity = adapt::published_viscosity;
  const auto exact = adapt::ColeHopf{viscosity}.steepest();
  std::vector<Finding> findings{
      near("Cole and Hopf: lowest slope", exact.slope, adapt::published_slope, 1e-5),
      near("Cole and Hopf: pi t of it", pi * exact.time, adapt::published_pi_time, 1e-4)};
  for (const double resolution : {4.0, 6.0, 8.0})
    findings.push_back(near(fmt::format("solver, {} points on 2 nu: that slope", resolution),
                            adapt::solver_slope(viscosity, exact.time, resolution), exact.slope,
                            std::abs(exact.slope) * 0.5 * std::pow(resolution, -5)));
  adapt::ShockSettings settings;
  const auto rows = adapt::shock_run(settings, 1, 0);
  const adapt::ColeHopf truth{adapt::viscosity_of(settings, 1, 0)};
  double worst = 0;
  for (std::size_t i = 0; i < rows.output.size(); ++i) {
    const double* row = rows.input.data() + i * adapt::features;
    worst = std::max(worst, std::abs(rows.output[i] - truth.velocity(row[0], row[2])));
  }
  findings.push_back({"a run's largest difference to Cole and Hopf", worst, 0, 1e-4});
  for (const auto& [x, y] : {std::pair{-pi, 12.275}, {pi, 2.275}, {9.42478, 2.475}})
    findings.push_back(
        near(fmt::format("Branin ({:.5f}, {})", x, y), adapt::branin(x, y), 0.397887, 1e-6));
  const std::array<double, 6> best{0.20169, 0.150011, 0.476874, 0.275332, 0.311652, 0.6573};
  findings.push_back(near("Hartmann, at its lowest", adapt::hartmann(best), -3.32237, 1e-5));
  return findings;
}

/// Each scheduler on each function without noise; the findings on the first simulation rank.
bool check_schedulers(const std::string& run_file, const std::string& folder, std::int64_t seed)
{
  adapt::Options options;
  options.command.run_file = run_file;
  options.command.out = folder;
  options.command.seed = seed;
  options.tasks = {"branin", "hartmann"};
  options.methods = adapt::known_methods();
  options.noise = 0;
  options.trials = 81;
  options.epochs = 27;
  int ranks = 1;
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  options.no_ml = ranks == 1;
  const auto settings = adapt::read_settings(options);
  miniapp::prepare_folder(MPI_COMM_WORLD, folder);
  adapt::write_run_files(settings, run_file, folder);
  MPI_Barrier(MPI_COMM_WORLD);
  bool good = true;
  for (const auto& plan : adapt::make_plans(settings, folder)) {
    const auto episode = adapt::run_episode(settings, plan);
    if (!episode) continue;
    for (const auto& finding : adapt::check_run(*episode, 3, 27)) good = print(finding) && good;
  }
  return good;
}

int run(int argc, char** argv)
{
  CLI::App app{"Are the physics and the schedulers of the miniapp adapt right?"};
  std::string run_file;
  std::string folder = "out/adapt-check";
  std::int64_t seed = 1;
  app.add_option("--schedulers", run_file,
                 "A run file with [tuning.branin] and [tuning.hartmann]: also checks what each "
                 "scheduler does with them");
  app.add_option("-o,--out", folder, "Folder for what those runs leave")->capture_default_str();
  app.add_option("-s,--seed", seed, "Of those runs")->capture_default_str();
  if (const auto status = miniapp::parse(app, argc, argv)) return *status;
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  bool good = true;
  if (rank == 0) {
    fmt::print("{:<62} {:>14} {:>14} {:>14}\n", "", "value", "at least", "at most");
    for (const auto& finding : check_physics()) good = print(finding) && good;
  }
  if (!run_file.empty()) good = check_schedulers(run_file, folder, seed) && good;
  int bad = good ? 0 : 1;
  MPI_Allreduce(MPI_IN_PLACE, &bad, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
  return bad;
}

}  // namespace

int main(int argc, char** argv)
{
  int provided = 0;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
  int status = 2;
  try {
    status = run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "adapt-check: {}\n", error.what());
    std::fflush(nullptr);
    MPI_Abort(MPI_COMM_WORLD, 2);
  }
  MPI_Finalize();
  return status;
}
