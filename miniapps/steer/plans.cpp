#include "plans.hpp"

#include "support/program.hpp"
#include "support/run_file.hpp"

#include <cardan/config.hpp>
#include <cardan/error.hpp>

#include <fmt/format.h>
#include <mpi.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

namespace steer {

namespace {

constexpr double endless = 1e12;

std::string path_of(const std::string& folder, const std::string& name)
{
  return (std::filesystem::path(folder) / name).string();
}

Plan plan_of(const Settings& settings, const std::string& folder, const std::string& method,
             std::int64_t seed)
{
  Plan plan;
  plan.method = method;
  plan.table = table_of(method);
  plan.run_file = path_of(folder, "run.toml");
  plan.folder = path_of(folder, fmt::format("runs/{}-{}", method, seed));
  plan.seed = seed;
  plan.without_ml = method == "independent";
  plan.system = settings.system;
  plan.segment = settings.segment;
  plan.budget = settings.budget;
  plan.pace = settings.pace;
  plan.uneven = settings.uneven;
  plan.keeps_frames = seed == settings.seeds.front();
  if (method == "swarm") {
    plan.hops = settings.hops;
    // Lowest minima of the Cambridge Cluster Database, and of seven atoms in the plane.
    plan.goal = plan.system.name == "lj38"   ? -173.928427
                : plan.system.name == "lj13" ? -44.326801
                : plan.system.name == "lj7"  ? -12.5349
                                             : -endless;
    plan.goal += 1e-4;
  }
  return plan;
}

using Names = std::vector<std::string>;

/// Of the methods asked for, those that a report is about; all of these where there are none.
Names chosen(const Settings& settings, const Names& about)
{
  Names names;
  for (const auto& method : settings.methods)
    if (std::find(about.begin(), about.end(), method) != about.end()) names.push_back(method);
  return names.empty() ? about : names;
}

std::vector<Plan> each(const Settings& settings, const std::string& folder, const Names& methods)
{
  std::vector<Plan> plans;
  for (const auto& method : methods)
    for (const auto seed : settings.seeds) plans.push_back(plan_of(settings, folder, method, seed));
  return plans;
}

std::vector<Plan> over_temperatures(const Settings& settings, const std::string& folder)
{
  std::vector<Plan> plans;
  for (const double temperature : settings.temperatures)
    for (auto& plan : each(settings, folder, settings.methods)) {
      plan.system.temperature = temperature;
      plan.keeps_frames = false;
      plan.folder =
          path_of(folder, fmt::format("runs/{}-{}-{}", temperature, plan.method, plan.seed));
      plans.push_back(plan);
    }
  return plans;
}

// By turns, so that both meet the same disturbances.
std::vector<Plan> with_and_without_barrier(const Settings& settings, const std::string& folder)
{
  std::vector<Plan> plans;
  for (const auto seed : settings.seeds)
    for (const char* mode : {"barrier", "async"}) {
      Plan plan =
          plan_of(settings, folder, chosen(settings, {"novelty", "knn", "random"}).front(), seed);
      plan.run_file = path_of(folder, fmt::format("run-{}.toml", mode));
      plan.folder = path_of(folder, fmt::format("runs/{}-{}", mode, seed));
      plan.method = mode;
      plan.to_coverage = false;
      plan.keeps_frames = false;
      plan.budget = endless;
      plan.seconds = settings.seconds;
      if (!(plan.pace > 0)) plan.pace = 0.005;
      if (!(plan.uneven > 1)) plan.uneven = 4;
      plans.push_back(plan);
    }
  return plans;
}

}  // namespace

std::vector<Plan> make_plans(const Settings& settings, const std::string& report,
                             const std::string& folder)
{
  if (report == "temperature") return over_temperatures(settings, folder);
  if (report == "async") return with_and_without_barrier(settings, folder);
  if (report == "swarm") {
    auto plans = each(settings, folder, {"swarm"});
    for (auto& plan : plans) plan.keeps_frames = false;
    return plans;
  }
  if (report == "resample") {
    auto plans = each(settings, folder, {"resample", "independent"});
    for (auto& plan : plans) {
      plan.to_coverage = false;
      plan.keeps_frames = false;
    }
    return plans;
  }
  if (report == "latency") {
    auto plans = each(settings, folder, chosen(settings, {"novelty", "knn"}));
    for (auto& plan : plans) {
      plan.to_coverage = false;
      plan.keeps_frames = false;
      plan.budget = endless;
      plan.seconds = settings.seconds;
    }
    return plans;
  }
  return each(settings, folder, settings.methods);
}

void write_run_files(const Settings& settings, const std::vector<Plan>& plans,
                     const std::string& report, const std::string& run_file,
                     const std::string& folder)
{
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  if (rank != 0) return;
  const std::string text = cardan::Config::from_file(run_file).text();
  const auto write = [&](const std::string& name, const std::optional<bool>& barrier) {
    miniapp::Overrides overrides;
    for (const auto& plan : plans) {
      auto& keys = overrides["ensemble." + plan.table];
      if (settings.members) keys["members"] = std::to_string(*settings.members);
      if (barrier) keys["barrier"] = *barrier ? "true" : "false";
    }
    std::ofstream file{path_of(folder, name)};
    file << miniapp::overridden(text, overrides);
    if (!file.flush()) throw cardan::Error{"cannot write " + path_of(folder, name)};
  };
  write("run.toml", settings.barrier);
  if (report != "async") return;
  write("run-barrier.toml", true);
  write("run-async.toml", false);
}

void check_launch(const std::vector<Plan>& plans)
{
  if (!miniapp::ml_ranks_beside() || plans.size() < 2) return;
  throw cardan::Error{
      fmt::format("{} runs are asked for, and ML ranks were launched beside", plans.size()),
      "cardan-ml serves one run",
      "Give one method and one seed (--method novelty --seeds 1), or start steer alone: mpirun -n "
      "3 steer RUN_FILE."};
}

}  // namespace steer
