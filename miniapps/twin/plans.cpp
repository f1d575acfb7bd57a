#include "plans.hpp"

#include <cardan/config.hpp>
#include <cardan/error.hpp>

#include <fmt/format.h>
#include <mpi.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

namespace twin {

namespace {

std::string path_of(const std::string& folder, const std::string& name)
{
  return (std::filesystem::path(folder) / name).string();
}

std::string quoted(const std::string& word)
{
  return "\"" + word + "\"";
}

std::string number(double value)
{
  const std::string text = fmt::format("{}", value);
  return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

bool has_filter(const std::string& table)
{
  return table == "filter" || table == "network" || table == "tuned" || table.starts_with("sites-");
}

void set_clock(const Clock& clock, Plan& plan)
{
  plan.realtime = clock.realtime;
  auto& twin = plan.overrides["twin." + plan.table];
  if (clock.realtime) {
    twin["realtime"] = "true";
    // By the clock the network is trained when there is time.
    plan.overrides["run"]["deterministic"] = "false";
    // Writing the log takes longer than a period: at the end.
    plan.overrides["decisions"]["flush"] = fmt::format("{}", plan.problem.cycles + 1);
    twin["period"] = quoted(fmt::format("{} ms", 1e3 / clock.rate));
  }
  auto& faults = plan.overrides["twin." + plan.table + ".faults"];
  if (clock.jitter > 0) faults["jitter"] = quoted(fmt::format("{} ms", 1e3 * clock.jitter));
  if (clock.dropout > 0) faults["dropout"] = number(clock.dropout);
  if (clock.late > 0) {
    faults["late"] = number(clock.late);
    faults["late_cycles"] = fmt::format("{}", clock.late_by);
  }
}

void set_filter(const Settings& settings, Plan& plan)
{
  if (!has_filter(plan.table)) return;
  auto& options = plan.overrides["twin." + plan.table + ".options"];
  if (settings.filter) options["filter"] = quoted(*settings.filter);
  if (settings.members) options["members"] = fmt::format("{}", *settings.members);
  if (settings.inflation) options["inflation"] = number(*settings.inflation);
  if (settings.radius) options["radius"] = number(*settings.radius);
  if (settings.sites) options["sites"] = quoted(*settings.sites);
}

/// `label` tells runs of one method apart.
Plan plan_of(const Settings& settings, const Options& options, const std::string& method,
             std::int64_t seed)
{
  Plan plan;
  plan.method = method;
  plan.table = method == "shut" ? "network" : method;
  plan.seed = seed;
  plan.problem = settings.problem;
  plan.keeps_fields = seed == settings.seeds.front();
  set_clock(settings.clock, plan);
  set_filter(settings, plan);
  // The error with the network would have to be none at all.
  if (method == "shut") plan.overrides["twin.network.gate"]["margin"] = "1.0";
  if (method.starts_with("sites-")) {
    plan.problem.observed = settings.fewer;
    plan.overrides["twin." + method + ".options"]["sites"] = quoted(method.substr(6));
  }
  const std::string folder = options.command.out;
  plan.run_file = path_of(folder, fmt::format("run-{}.toml", method));
  plan.folder = path_of(folder, fmt::format("runs/{}-{}", method, seed));
  return plan;
}

/// Gives a plan another name, and so a run file of its own.
void rename(Plan& plan, const Options& options, const std::string& name)
{
  plan.method = name;
  plan.run_file = path_of(options.command.out, fmt::format("run-{}.toml", name));
  plan.folder = path_of(options.command.out, fmt::format("runs/{}-{}", name, plan.seed));
}

using Names = std::vector<std::string>;

/// Of the methods asked for, those that a report is about; all of these where there are none.
Names chosen(const Options& options, const Names& about)
{
  Names names;
  for (const auto& method : options.methods)
    if (std::find(about.begin(), about.end(), method) != about.end() &&
        std::find(names.begin(), names.end(), method) == names.end())
      names.push_back(method);
  return names.empty() ? about : names;
}

std::vector<Plan> over_sites(const Settings& settings, const Options& options)
{
  std::vector<Plan> plans;
  for (const auto sites : settings.numbers_of_sites)
    for (const auto& method :
         chosen(options, {"sites-fixed", "sites-random", "sites-spread", "sites-reduction"}))
      for (const auto seed : settings.seeds) {
        Plan plan = plan_of(settings, options, method, seed);
        plan.problem.observed = sites;
        plan.keeps_fields = false;
        rename(plan, options, fmt::format("{}-{}", method, sites));
        plans.push_back(plan);
      }
  return plans;
}

std::vector<Plan> over_intervals(const Settings& settings, const Options& options)
{
  std::vector<Plan> plans;
  for (const double interval : settings.intervals)
    for (const auto& method : chosen(options, {"filter", "network"}))
      for (const auto seed : settings.seeds) {
        Plan plan = plan_of(settings, options, method, seed);
        plan.problem.interval = interval;
        plan.keeps_fields = false;
        rename(plan, options, fmt::format("{}-{}", method, interval));
        plans.push_back(plan);
      }
  return plans;
}

/// The same filter without a control, and with one.
std::vector<Plan> with_control(const Settings& settings, const Options& options)
{
  std::vector<Plan> plans;
  for (const bool steers : {false, true})
    for (const auto seed : settings.seeds) {
      Plan plan = plan_of(settings, options, "filter", seed);
      plan.keeps_fields = false;
      if (steers) {
        rename(plan, options, "controlled");
        plan.overrides["twin.filter.options"]["control"] =
            fmt::format("{{ target = {}, gain = 1.0, most = 4.0 }}", number(settings.target));
      }
      plans.push_back(plan);
    }
  return plans;
}

/// What costs no time is compared over all seeds; the gate that is shut needs one only.
std::vector<Plan> each(const Settings& settings, const Options& options, const Names& methods)
{
  std::vector<Plan> plans;
  for (const auto& method : methods)
    for (const auto seed : settings.seeds) {
      if (method == "shut" && seed != settings.seeds.front()) continue;
      plans.push_back(plan_of(settings, options, method, seed));
    }
  return plans;
}

}  // namespace

std::vector<Plan> make_plans(const Settings& settings, const Options& options)
{
  const std::string& report = options.report;
  if (report == "sites") return over_sites(settings, options);
  if (report == "network") return over_intervals(settings, options);
  if (report == "control") return with_control(settings, options);
  if (report == "realtime") return each(settings, options, chosen(options, {"filter", "network"}));
  if (report == "regime") {
    auto plans = each(settings, options, chosen(options, {"filter", "network"}));
    for (auto& plan : plans) plan.problem.regime = settings.change;
    return plans;
  }
  return each(settings, options, settings.methods);
}

void write_run_files(const std::vector<Plan>& plans, const std::string& run_file)
{
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  if (rank != 0) return;
  const std::string text = cardan::Config::from_file(run_file).text();
  std::set<std::string> written;
  for (const auto& plan : plans) {
    if (!written.insert(plan.run_file).second) continue;
    std::ofstream file{plan.run_file};
    file << miniapp::overridden(text, plan.overrides);
    if (!file.flush()) throw cardan::Error{"cannot write " + plan.run_file};
  }
}

}  // namespace twin
