// `[twin.NAME.options]` of the kind "lorenz96".

#include "process.hpp"

#include <cardan/error.hpp>

#include <map>

namespace twin {

namespace {

const std::map<std::string, FilterKind>& kinds()
{
  static const std::map<std::string, FilterKind> all{
      {"none", FilterKind::free_run},
      {"climatology", FilterKind::climatology},
      {"oi", FilterKind::optimal_interpolation},
      {"3dvar", FilterKind::variational},
      {"enkf", FilterKind::stochastic},
      {"denkf", FilterKind::deterministic},
      {"sqrt", FilterKind::square_root},
      {"letkf", FilterKind::local},
  };
  return all;
}

bool is_ensemble(FilterKind kind)
{
  return kind == FilterKind::stochastic || kind == FilterKind::deterministic ||
         kind == FilterKind::square_root || kind == FilterKind::local;
}

double positive(const cardan::Config& table, const char* key, double usual)
{
  const auto value = table.get<double>(key, usual);
  if (!(value > 0)) throw table.error(key, "must be positive");
  return value;
}

Control read_control(const cardan::Config& options)
{
  Control control;
  if (!options.has("control")) return control;
  const auto table = options.table("control");
  control.target = positive(table, "target", 0);
  control.gain = positive(table, "gain", 0.2);
  control.most = positive(table, "most", 1);
  return control;
}

}  // namespace

const std::vector<std::string>& known_filters()
{
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const auto& [name, kind] : kinds()) all.push_back(name);
    return all;
  }();
  return names;
}

ProcessSettings read_process(const cardan::Config& options, const Problem& problem)
{
  ProcessSettings settings;
  FilterSettings& filter = settings.filter;
  filter.kind = kinds().at(options.choice("filter", known_filters(), "sqrt"));
  settings.members = options.get<int>("members", settings.members);
  if (settings.members < 2) throw options.error("members", "must be at least 2");
  if (!is_ensemble(filter.kind)) settings.members = 1;
  settings.warm_up = options.get<int>("warm_up", settings.warm_up);
  if (settings.warm_up < 0) throw options.error("warm_up", "must not be negative");
  if (!is_ensemble(filter.kind) || filter.kind == FilterKind::local) settings.warm_up = 0;
  settings.most_spread = positive(options, "most_spread", settings.most_spread);
  filter.inflation = positive(options, "inflation", 1);
  filter.rotate = options.get<bool>("rotate", false);
  filter.adaptive = options.get<bool>("adaptive", false);
  filter.confidence = positive(options, "confidence", filter.confidence);
  filter.radius = positive(options, "radius", filter.radius);
  filter.batch = options.get<int>("batch", filter.batch);
  if (filter.batch < 1) throw options.error("batch", "must be at least 1");
  filter.background = positive(options, "background", filter.background);

  SiteSettings& sites = settings.sites;
  sites.rule = site_rule(
      options.choice("sites", {"fixed", "random", "spread", "reduction"}, to_string(sites.rule)));
  sites.count = static_cast<int>(problem.observed > 0 ? problem.observed : problem.variables);
  sites.deviation = problem.noise;
  settings.forcing = options.get<double>("forcing", problem.forcing);
  settings.each_member = options.choice("correct", {"members", "mean"}, "members") == "members";
  settings.control = read_control(options);
  return settings;
}

}  // namespace twin
