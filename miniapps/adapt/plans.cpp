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

namespace adapt {

namespace {

std::string path_of(const std::string& folder, const std::string& name)
{
  return (std::filesystem::path(folder) / name).string();
}

/// One for each method and seed: what a tuning draws is the run file's seed's.
std::string run_file_of(const std::string& folder, const std::string& method, std::int64_t seed)
{
  return path_of(folder, fmt::format("run-{}-{}.toml", method, seed));
}

/// What the command line and the method put in the place of keys of one task's tables.
miniapp::Overrides overrides_of(const Settings& settings, const std::string& task,
                                const std::string& method)
{
  const std::string table = "tuning." + task;
  miniapp::Overrides overrides;
  auto& scheduler = overrides[table + ".scheduler"];
  scheduler["kind"] = "\"" + method + "\"";
  if (settings.epochs) scheduler["max"] = std::to_string(*settings.epochs);
  auto& keys = overrides[table];
  for (const auto& [name, trials] :
       {std::pair{"random", &settings.random_trials}, {"population", &settings.members}})
    if (method == name && trials->contains(task)) keys["trials"] = std::to_string(trials->at(task));
  if (settings.trials) keys["trials"] = std::to_string(*settings.trials);
  if (settings.budget) keys["budget"] = std::to_string(*settings.budget);
  if (settings.target) keys["target"] = fmt::format("{:.17e}", *settings.target);
  if (settings.until_target) keys["stop_at_target"] = "true";
  return overrides;
}

}  // namespace

std::vector<Plan> make_plans(const Settings& settings, const std::string& folder)
{
  std::vector<Plan> plans;
  for (const auto& task : settings.tasks) {
    if (task == "spin") continue;
    for (const auto seed : settings.seeds)
      for (const auto& method : settings.methods) {
        Plan plan;
        plan.task = task;
        plan.method = method;
        plan.run_file = run_file_of(folder, method, seed);
        plan.folder = path_of(folder, fmt::format("runs/{}-{}-{}", task, method, seed));
        plan.seed = seed;
        plan.without_ml = settings.without_ml;
        plans.push_back(std::move(plan));
      }
  }
  return plans;
}

void write_run_files(const Settings& settings, const std::string& run_file,
                     const std::string& folder)
{
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  if (rank != 0) return;
  const std::string text = cardan::Config::from_file(run_file).text();
  for (const auto& method : settings.methods) {
    miniapp::Overrides overrides;
    for (const auto& task : settings.tasks)
      if (task != "spin") overrides.merge(overrides_of(settings, task, method));
    for (const auto seed : settings.seeds) {
      overrides["run"]["seed"] = std::to_string(seed);
      const std::string path = run_file_of(folder, method, seed);
      std::ofstream file{path};
      file << miniapp::overridden(text, overrides);
      if (!file.flush()) throw cardan::Error{"cannot write " + path};
    }
  }
}

void check_launch(const Settings& settings, const std::vector<Plan>& plans)
{
  const bool spins =
      std::find(settings.tasks.begin(), settings.tasks.end(), "spin") != settings.tasks.end();
  if (!miniapp::ml_ranks_beside() || (plans.size() == 1 && !spins)) return;
  throw cardan::Error{
      fmt::format("{} runs are asked for{}, and ML ranks were launched beside", plans.size(),
                  spins ? " and the spin task" : ""),
      "cardan-ml serves one run",
      "Give one task, one method and one seed (--task burgers --method asha --seeds 1), or start "
      "adapt alone: mpirun -n 2 adapt RUN_FILE."};
}

}  // namespace adapt
