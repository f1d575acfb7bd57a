#include "plans.hpp"

#include "support/program.hpp"

#include <cardan/config.hpp>
#include <cardan/error.hpp>

#include <fmt/format.h>
#include <mpi.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace invert {

namespace {

void set_counts(const Settings& settings, miniapp::Overrides& overrides, const std::string& table)
{
  auto& keys = overrides[table];
  if (settings.chains) keys["chains"] = fmt::format("{}", *settings.chains);
  if (settings.steps) {
    keys["steps"] = fmt::format("{}", *settings.steps);
    // At most some thousand samples of each chain in the file.
    keys["thin"] = fmt::format("{}", std::max<std::int64_t>(1, *settings.steps / 2000));
  }
  if (settings.warmup) {
    keys["warmup"] = fmt::format("{}", *settings.warmup);
    keys["stages"] = fmt::format("{}", std::clamp<std::int64_t>(*settings.warmup / 50, 1, 4));
  }
}

Plan make_plan(const Settings& settings, const Options& options, const std::string& method)
{
  Plan plan;
  plan.method = method;
  plan.seed = settings.seed;
  const auto folder = std::filesystem::path(options.command.out) / "runs" / method;
  plan.folder = folder.string();
  plan.run_file = (folder / "run.toml").string();
  set_counts(settings, plan.overrides, "inverse." + method);
  return plan;
}

}  // namespace

std::vector<Plan> make_plans(const Settings& settings, const Options& options)
{
  const auto tables = cardan::Config::from_file(options.command.run_file).table("inverse").keys();
  const bool design = settings.mode == "design";
  std::vector<Plan> plans;
  for (const auto& method : design ? std::vector<std::string>{"design"} : settings.methods) {
    if (std::find(tables.begin(), tables.end(), method) == tables.end())
      throw cardan::Error{
          fmt::format("{} has no [inverse.{}]", options.command.run_file, method),
          "each method is an inverse problem of the run file",
          "Copy that of miniapps/invert/invert.toml, or name other methods with --method."};
    plans.push_back(make_plan(settings, options, method));
  }
  if (miniapp::ml_ranks_beside() && plans.size() > 1)
    throw cardan::Error{
        fmt::format("{} runs are asked for, and ML ranks were launched beside", plans.size()),
        "cardan-ml serves one run",
        "Start invert alone, or with one --method: mpirun -n 2 invert RUN_FILE."};
  return plans;
}

void write_run_files(const std::vector<Plan>& plans, const std::string& run_file)
{
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  if (rank != 0) return;
  const std::string text = cardan::Config::from_file(run_file).text();
  for (const Plan& plan : plans) {
    std::error_code code;
    std::filesystem::create_directories(plan.folder, code);
    std::ofstream file{plan.run_file};
    file << miniapp::overridden(text, plan.overrides);
    if (!file.flush()) throw cardan::Error{"cannot write " + plan.run_file};
  }
}

}  // namespace invert
