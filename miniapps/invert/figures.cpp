#include "figures.hpp"

#include "statistics.hpp"
#include "wanted.hpp"

#include <algorithm>
#include <cmath>

namespace invert {

namespace {

double median(std::vector<double> values)
{
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double over(double a, std::int64_t b)
{
  return b > 0 ? a / static_cast<double>(b) : 0;
}

/// The quantile of a normal distribution that the largest of n absolute values stays below with
/// this probability, by bisection.
double largest_of(std::size_t n, double probability)
{
  double low = 0;
  double high = 20;
  for (int i = 0; i < 100; ++i) {
    const double middle = (low + high) / 2;
    const double inside = std::pow(std::erf(middle / std::sqrt(2.0)), static_cast<double>(n));
    (inside < probability ? low : high) = middle;
  }
  return high;
}

}  // namespace

const Episode* find(const std::vector<Episode>& episodes, const std::string& method)
{
  for (const auto& episode : episodes)
    if (episode.plan.method == method) return &episode;
  return nullptr;
}

Speed speed_of(const Episode& run)
{
  const auto& report = run.report;
  Speed speed;
  speed.effective = median(report.effective);
  speed.per_solve = over(speed.effective, report.solves);
  speed.per_solve_after = over(speed.effective, report.solves - report.solves_before);
  speed.per_second = run.seconds > 0 ? speed.effective / run.seconds : 0;
  const double work = static_cast<double>(report.solves) +
                      run.coarse_cost * static_cast<double>(report.coarse_solves);
  speed.per_work = work > 0 ? speed.effective / work : 0;
  speed.careful = median(run.careful);
  speed.careful_per_solve = over(speed.careful, report.solves);
  speed.reduction_median = median(report.reduction);
  for (const double value : report.reduction)
    speed.reduction_largest = std::max(speed.reduction_largest, value);
  return speed;
}

std::optional<double> first_acceptance(const Episode& run)
{
  if (run.report.proposed == 0) return std::nullopt;
  return over(static_cast<double>(run.report.passed), run.report.proposed);
}

std::optional<double> second_acceptance(const Episode& run)
{
  if (run.report.decided == 0) return std::nullopt;
  return over(static_cast<double>(run.report.accepted), run.report.decided);
}

namespace {

/// Of a difference of two blocks' means.
double score_of(const Episode& a, const Episode& b, std::size_t block)
{
  const double first = a.errors[block] * a.errors[block];
  const double second = b.errors[block] * b.errors[block];
  if (!std::isfinite(first + second)) return 0;
  const double freedom = (first + second) * (first + second) /
                         (first * first / a.freedom + second * second / b.freedom);
  return normal_score((a.report.mean[block] - b.report.mean[block]) / std::sqrt(first + second),
                      freedom);
}

}  // namespace

std::vector<std::size_t> identifiable(const Episode& run, const Settings& settings)
{
  std::vector<std::size_t> blocks;
  for (std::size_t i = 0; i < run.report.deviation.size(); ++i)
    if (run.report.deviation[i] < settings.identifiable * settings.prior.deviation)
      blocks.push_back(i);
  return blocks;
}

std::optional<Comparison> compare(const Episode* a, const Episode* b, const Settings& settings)
{
  if (a == nullptr || b == nullptr || a == b) return std::nullopt;
  const auto first = identifiable(*a, settings);
  const auto second = identifiable(*b, settings);
  Comparison result;
  result.a = a->plan.method;
  result.b = b->plan.method;
  std::set_intersection(first.begin(), first.end(), second.begin(), second.end(),
                        std::back_inserter(result.blocks));
  if (result.blocks.empty()) return std::nullopt;
  double squares = 0;
  for (const auto block : result.blocks) {
    const double score = score_of(*a, *b, block);
    result.scores.push_back(score);
    squares += score * score;
    result.reduction =
        std::max({result.reduction, a->report.reduction[block], b->report.reduction[block]});
    result.largest = std::max(result.largest, std::abs(score));
    result.deviations =
        std::max(result.deviations,
                 std::abs(std::log(a->report.deviation[block] / b->report.deviation[block])));
  }
  result.mean_square = squares / static_cast<double>(result.blocks.size());
  result.bound = largest_of(result.blocks.size(), 0.95);
  return result;
}

double log_likelihood_at_one(std::span<const double> data)
{
  const Mesh mesh;
  std::vector<double> measured(mesh.measurements());
  Membrane{mesh}.solve(std::vector<double>(mesh.parameters(), 1.0), measured);
  return log_likelihood(measured, data);
}

double design_error(const Episode& run, const Settings& settings, int cells)
{
  Mesh mesh;
  mesh.cells = cells;
  std::vector<double> a(run.report.design);
  for (double& value : a) value = std::exp(value);
  std::vector<double> measured(mesh.measurements());
  Membrane{mesh}.solve(a, measured);
  const auto wanted = wanted_field(settings.wanted);
  double sum = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i)
    sum += (measured[i] - wanted[i]) * (measured[i] - wanted[i]);
  return std::sqrt(sum / static_cast<double>(wanted.size()));
}

}  // namespace invert
