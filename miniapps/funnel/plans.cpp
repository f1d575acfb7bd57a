#include "plans.hpp"

#include "support/program.hpp"
#include "support/run_file.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>
#include <mpi.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

namespace funnel {

std::vector<Plan> make_plans(const Settings& settings, const std::string& report,
                             const std::string& folder)
{
  std::vector<std::string> kinds{settings.fixed ? "fixed" : "resplit"};
  if (report == "resplit") kinds = {"resplit", "fixed"};
  std::vector<Plan> plans;
  for (std::int64_t i = 0; i < settings.seeds; ++i)
    for (const auto& kind : kinds) {
      Plan plan;
      plan.kind = kind;
      plan.seed = settings.seed + i;
      plan.library = settings.library;
      plan.library.seed = static_cast<std::uint64_t>(plan.seed);
      plan.folder =
          (std::filesystem::path(folder) / "runs" / fmt::format("{}-{}", kind, plan.seed)).string();
      plan.run_file = (std::filesystem::path(plan.folder) / "run.toml").string();
      plans.push_back(plan);
    }
  return plans;
}

void write_run_files(const Settings& settings, const std::vector<Plan>& plans,
                     const std::string& run_file)
{
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  if (rank != 0) return;
  const std::string text = cardan::Config::from_file(run_file).text();
  const auto solves = static_cast<std::int64_t>(
      std::ceil(settings.solves * static_cast<double>(settings.candidates)));
  for (const Plan& plan : plans) {
    miniapp::Overrides overrides;
    auto& values = overrides["pipeline.library"];
    values["candidates"] = std::to_string(settings.candidates);
    values["budget"] = std::to_string(std::max<std::int64_t>(solves, 1));
    values["resplit"] = plan.kind == "resplit" ? "true" : "false";
    std::error_code code;
    std::filesystem::create_directories(plan.folder, code);
    std::ofstream file{plan.run_file};
    file << miniapp::overridden(text, overrides);
    if (!file.flush()) throw cardan::Error{"cannot write " + plan.run_file};
  }
}

void check_launch(const std::vector<Plan>& plans)
{
  if (!miniapp::ml_ranks_beside() || plans.size() < 2) return;
  throw cardan::Error{
      fmt::format("{} runs are asked for, and ML ranks were launched beside", plans.size()),
      "cardan-ml serves one run", "Start funnel alone: mpirun -n 2 funnel RUN_FILE."};
}

}  // namespace funnel
