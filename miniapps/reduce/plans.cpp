#include "plans.hpp"

#include "support/program.hpp"
#include "support/run_file.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>
#include <mpi.h>

#include <filesystem>
#include <fstream>

namespace reduce {

namespace {

Plan common(const Settings& settings, const std::string& kind, const std::string& encoder,
            double eps)
{
  Plan plan;
  plan.kind = kind;
  plan.encoder = encoder;
  plan.eps = eps;
  plan.bound = eps * range_of(settings.system.name);
  plan.seed = static_cast<std::int64_t>(settings.system.seed);
  plan.lessons = settings.lessons;
  plan.lesson_stride = settings.lesson_stride;
  return plan;
}

void add_cost(const Settings& settings, std::vector<Plan>& plans)
{
  for (int i = 0; i < settings.repetitions; ++i) {
    Plan plan = common(settings, "cost", settings.encoder, settings.eps);
    plan.puts = settings.steps / settings.stride;
    plan.stride = settings.stride;
    plan.repetition = i;
    plans.push_back(plan);
  }
}

void add_judged(const Settings& settings, const std::string& kind,
                const std::vector<double>& bounds, std::vector<Plan>& plans)
{
  for (const auto& encoder : settings.encoders)
    for (std::size_t i = 0; i < bounds.size(); ++i) {
      Plan plan = common(settings, kind, encoder, bounds[i]);
      if (kind == "rate" && encoder == "svd" && i < settings.rate_latents.size())
        plan.latent = settings.rate_latents[i];
      plan.puts = settings.puts;
      plan.stride = settings.interval;
      plan.judged = true;
      plans.push_back(plan);
    }
}

void add_drift(const Settings& settings, std::vector<Plan>& plans)
{
  for (const auto& encoder : settings.encoders)
    for (const bool retrain : {false, true}) {
      if (encoder == "none" && retrain) continue;
      Plan plan = common(settings, "drift", encoder, settings.drift_eps);
      plan.puts = 2 * settings.drift_puts;
      plan.stride = settings.drift_stride;
      plan.change_after = settings.drift_puts;
      plan.retrain = retrain;
      plans.push_back(plan);
    }
}

std::string name_of(const Plan& plan)
{
  return fmt::format("{}-{}-{:g}{}{}", plan.kind, plan.encoder, plan.eps,
                     plan.retrain ? "-retrained" : "",
                     plan.repetition > 0 ? fmt::format("-{}", plan.repetition) : "");
}

std::string overridden(const std::string& text, const Settings& settings, const Plan& plan)
{
  const std::string table = "reduction." + plan.encoder;
  miniapp::Overrides overrides;
  auto& values = overrides[table];
  values["eps"] = fmt::format("{:e}", plan.bound);
  values["relative"] = "false";
  values["receiver"] = plan.judged && !miniapp::ml_ranks_beside() ? "\"judge\"" : "";
  values["block"] = fmt::format("[{}]", fmt::join(settings.block, ", "));
  const std::int64_t latent = settings.latent.value_or(plan.latent);
  if (latent > 0 && plan.encoder != "none") values["latent"] = std::to_string(latent);
  // Trained once, and then left as it is.
  if ((plan.encoder == "linear" || plan.encoder == "conv") && !plan.retrain)
    overrides[table + ".train"]["every"] = "1000000000";
  // The bound does not depend on how good an encoder is.
  if (plan.kind == "bound" && (plan.encoder == "linear" || plan.encoder == "conv"))
    overrides[table + ".train"]["first"] = "100";
  return miniapp::overridden(text, overrides);
}

}  // namespace

std::vector<Plan> make_plans(const Settings& settings, const std::string& report,
                             const std::string& folder)
{
  const bool all = report == "default";
  std::vector<Plan> plans;
  if (all || report == "cost") add_cost(settings, plans);
  if (all || report == "rate") add_judged(settings, "rate", settings.rate_eps, plans);
  if (all || report == "bound") add_judged(settings, "bound", settings.bound_eps, plans);
  if (all || report == "drift") add_drift(settings, plans);
  for (Plan& plan : plans) {
    plan.folder = (std::filesystem::path(folder) / "runs" / name_of(plan)).string();
    plan.run_file = (std::filesystem::path(plan.folder) / "run.toml").string();
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
  for (const Plan& plan : plans) {
    std::error_code code;
    std::filesystem::create_directories(plan.folder, code);
    std::ofstream file{plan.run_file};
    file << overridden(text, settings, plan);
    if (!file.flush()) throw cardan::Error{"cannot write " + plan.run_file};
  }
}

void check_launch(const std::vector<Plan>& plans)
{
  if (!miniapp::ml_ranks_beside() || plans.size() < 2) return;
  throw cardan::Error{
      fmt::format("{} runs are asked for, and ML ranks were launched beside", plans.size()),
      "cardan-ml serves one run", "Start reduce alone: mpirun -n 3 reduce RUN_FILE."};
}

}  // namespace reduce
