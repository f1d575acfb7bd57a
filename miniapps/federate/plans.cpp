#include "plans.hpp"

#include "support/program.hpp"

#include <cardan/config.hpp>
#include <cardan/error.hpp>

#include <fmt/format.h>
#include <mpi.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>

namespace federate {

namespace {

std::string path_of(const std::string& folder, const std::string& name)
{
  return (std::filesystem::path(folder) / name).string();
}

/// The [federation.TABLE] that a method is described in.
std::string table_of(const std::string& method)
{
  return method == "alone" || method == "pooled" ? "fedavg" : method;
}

Plan plan_of(const Settings& settings, const std::string& folder, const std::string& name,
             const std::string& method)
{
  Plan plan;
  plan.name = name;
  plan.method = method;
  plan.table = table_of(method);
  plan.folder = path_of(folder, "runs/" + name);
  plan.run_file = path_of(plan.folder, "run.toml");
  plan.problem = settings.problem;
  plan.seed = settings.seed;
  plan.rounds = settings.rounds;
  plan.local_steps = settings.local_steps;
  plan.batch = settings.batch;
  plan.rate = settings.rate;
  if (method == "fedprox") plan.mu = settings.mu;
  if (method == "alone") plan.kind = Plan::Kind::alone;
  if (method == "pooled") plan.kind = Plan::Kind::pooled;
  if (method == "private") {
    plan.clip = settings.clip;
    plan.noise = settings.noise;
  }
  if (method == "compressed") plan.compress = settings.compress;
  return plan;
}

miniapp::Overrides overrides_of(const Plan& plan)
{
  miniapp::Overrides all;
  auto& federation = all["federation." + plan.table];
  federation["rounds"] = fmt::format("{}", plan.rounds);
  if (plan.problem == "quadratic") {
    federation["local"] = fmt::format("{{ steps = {}, batch = 0 }}", plan.local_steps);
    all["training." + plan.table]["optimizer"] =
        fmt::format("{{ kind = \"sgd\", rate = {:.17g} }}", plan.rate);
    return all;
  }
  // As many passes over all the data as the silos make together.
  federation["local"] =
      fmt::format("{{ steps = {}, batch = {} }}", plan.steps_of_a_round(), plan.batch);
  all["training." + plan.table]["optimizer"] =
      fmt::format("{{ kind = \"adam\", rate = {:.17g} }}", plan.rate);
  if (plan.mu) federation["mu"] = fmt::format("{:.17g}", *plan.mu);
  if (plan.clip) federation["clip"] = fmt::format("{:.17g}", *plan.clip);
  if (plan.noise) federation["noise"] = fmt::format("{:.17g}", *plan.noise);
  if (plan.compress) federation["compress"] = fmt::format("{{ kind = \"{}\" }}", *plan.compress);
  return all;
}

}  // namespace

std::vector<Plan> sweep_plans(const Settings& settings, const std::string& folder)
{
  std::vector<Plan> plans;
  if (!settings.sweep) return plans;
  for (const auto steps : settings.sweep->steps)
    for (const auto rate : settings.sweep->rates) {
      Plan plan =
          plan_of(settings, folder, fmt::format("sweep-steps-{}-rate-{:g}", steps, rate), "fedavg");
      plan.sweeps = true;
      plan.rounds = settings.sweep->rounds;
      plan.local_steps = steps;
      plan.rate = rate;
      plans.push_back(plan);
    }
  return plans;
}

std::vector<Plan> proximal_plans(const Settings& settings, const std::string& folder)
{
  std::vector<Plan> plans;
  if (!settings.sweep) return plans;
  for (const auto mu : settings.sweep->mu) {
    Plan plan = plan_of(settings, folder, fmt::format("sweep-mu-{:g}", mu), "fedprox");
    plan.sweeps = true;
    plan.rounds = settings.sweep->rounds;
    plan.mu = mu;
    plans.push_back(plan);
  }
  return plans;
}

void choose(const std::vector<Outcome>& swept, Settings& settings)
{
  double best = std::numeric_limits<double>::infinity();
  double best_proximal = best;
  for (const auto& outcome : swept) {
    const double loss = outcome.held_out_loss;
    double& lowest = outcome.plan.mu ? best_proximal : best;
    if (!(loss < lowest)) continue;
    lowest = loss;
    if (outcome.plan.mu) {
      settings.mu = *outcome.plan.mu;
    } else {
      settings.local_steps = outcome.plan.local_steps;
      settings.rate = outcome.plan.rate;
    }
  }
}

std::vector<Plan> make_plans(const Settings& settings, const std::string& folder)
{
  std::vector<Plan> plans;
  for (const auto& method : settings.methods)
    plans.push_back(plan_of(settings, folder, method, method));
  return plans;
}

void write_run_files(const std::vector<Plan>& plans, const std::string& run_file)
{
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  if (rank != 0) return;
  const std::string text = cardan::Config::from_file(run_file).text();
  for (const auto& plan : plans) {
    std::error_code code;
    std::filesystem::create_directories(plan.folder, code);
    std::ofstream file{plan.run_file};
    file << miniapp::overridden(text, overrides_of(plan));
    if (!file.flush()) throw cardan::Error{"cannot write " + plan.run_file};
  }
}

void check_launch(const Settings& settings)
{
  if (!miniapp::ml_ranks_beside()) return;
  if (settings.methods.size() > 1 || settings.sweep)
    throw cardan::Error{"several federations are asked for, and ML ranks were launched beside",
                        "cardan-ml serves one run",
                        "Give one method (--method fedavg), or start federate alone: mpirun -n 4 "
                        "federate RUN_FILE."};
}

}  // namespace federate
