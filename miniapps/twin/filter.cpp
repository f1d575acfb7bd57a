#include "filter.hpp"

#include "filters.hpp"

#include <array>
#include <cmath>
#include <stdexcept>

namespace twin {
namespace {

struct Name {
  FilterKind kind;
  const char* text;
};
constexpr std::array names{
    Name{FilterKind::free_run, "free-run"},
    Name{FilterKind::climatology, "climatology"},
    Name{FilterKind::optimal_interpolation, "optimal-interpolation"},
    Name{FilterKind::variational, "variational"},
    Name{FilterKind::stochastic, "stochastic"},
    Name{FilterKind::deterministic, "deterministic"},
    Name{FilterKind::square_root, "square-root"},
    Name{FilterKind::local, "local"},
};

void require_positive(double value, const char* name)
{
  if (value > 0 && std::isfinite(value)) return;
  throw std::invalid_argument("filter: " + std::string(name) + " = " + std::to_string(value) +
                              " (must be positive and finite)");
}

}  // namespace

const char* to_string(FilterKind kind) noexcept
{
  for (const Name& name : names) {
    if (name.kind == kind) return name.text;
  }
  return "";
}

FilterKind filter_kind(const std::string& name)
{
  std::string known;
  for (const Name& each : names) {
    if (name == each.text) return each.kind;
    known += (known.empty() ? "" : ", ") + std::string(each.text);
  }
  throw std::invalid_argument("unknown filter '" + name + "' (known: " + known + ")");
}

void check_members(const Ensemble& ensemble)
{
  if (ensemble.members() >= 2) return;
  throw std::invalid_argument("an ensemble filter needs at least two members");
}

std::unique_ptr<Filter> make_filter(const FilterSettings& settings, const Climate* climate)
{
  require_positive(settings.inflation, "inflation");
  require_positive(settings.confidence, "confidence");
  require_positive(settings.radius, "radius");
  require_positive(settings.background, "background");
  require_positive(settings.batch, "batch");
  switch (settings.kind) {
    case FilterKind::stochastic:
    case FilterKind::deterministic:
    case FilterKind::square_root: return make_global_filter(settings);
    case FilterKind::local: return make_local_filter(settings);
    default: return make_baseline(settings, climate);
  }
}

// Gaspari and Cohn (1999), equation 4.10.
double gaspari_cohn(double distance, double radius)
{
  const double r = distance / (1.82 * radius);
  if (r <= 1) return 1 + r * r * (-5.0 / 3 + r * (5.0 / 8 + r * (0.5 - r / 4)));
  if (r <= 2) {
    return 4 - 5 * r + r * r * (5.0 / 3 + r * (5.0 / 8 + r * (-0.5 + r / 12))) - 2 / (3 * r);
  }
  return 0;
}

}  // namespace twin
