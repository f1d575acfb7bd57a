#include "couplers/closure/gate.hpp"

#include <cardan/error.hpp>

#include <algorithm>
#include <cmath>

namespace cardan::closure {

Gate::Gate(const TrustSettings& settings, std::int64_t outputs)
    : settings_(settings), outputs_(outputs)
{
  auto& tolerance = settings_.tolerance;
  if (settings_.gate == TrustSettings::Gate::none) return;
  if (tolerance.size() == 1) tolerance.resize(static_cast<std::size_t>(outputs), tolerance.front());
  if (tolerance.size() != static_cast<std::size_t>(outputs))
    throw Error{"trust tolerance has " + std::to_string(tolerance.size()) + " values",
                "a sample has " + std::to_string(outputs) + " outputs",
                "Give one value for all, or one for each output."};
}

double Gate::disagreement(const double* spread) const
{
  if (settings_.gate == TrustSettings::Gate::none) return 0;
  double sum = 0;
  for (std::int64_t j = 0; j < outputs_; ++j) {
    const double ratio = spread[j] / settings_.tolerance[static_cast<std::size_t>(j)];
    sum += ratio * ratio;
  }
  return std::sqrt(sum / static_cast<double>(outputs_));
}

// A not-a-number is looked for first: comparisons with one are false, so it would pass for "unsure"
// below.
Verdict Gate::judge_sample(const double* outputs, double disagreement, bool inside,
                           double limit) const
{
  for (std::int64_t j = 0; j < outputs_; ++j)
    if (!std::isfinite(outputs[j])) return Verdict::not_a_number;
  if (std::isnan(disagreement)) return Verdict::not_a_number;
  if (settings_.gate == TrustSettings::Gate::ensemble) {
    if (!inside) return Verdict::outside;
    if (!(disagreement < limit)) return Verdict::unsure;
  }
  for (std::int64_t j = 0; j < outputs_; ++j)
    if (outputs[j] < settings_.low || outputs[j] > settings_.high) return Verdict::out_of_range;
  return Verdict::trusted;
}

void Gate::judge(const Answers& answers, std::int64_t count, double limit, Verdict* verdicts) const
{
  for (std::int64_t r = 0; r < count; ++r)
    verdicts[r] =
        judge_sample(answers.outputs + r * outputs_, disagreement(answers.spread + r * outputs_),
                     answers.inside[r] != 0, limit);
}

// Samples in the order of their disagreement: the limit lies behind the longest beginning of that
// list in which the share of errors above the tolerance is still small enough. A hundred samples
// are the least that says anything.
double Gate::calibrate(const Answers& answers, Rows targets) const
{
  if (settings_.gate == TrustSettings::Gate::none) return 0;
  struct Sample {
    double disagreement;
    bool wrong;
  };
  std::vector<Sample> samples;
  samples.reserve(static_cast<std::size_t>(targets.count));
  for (std::int64_t r = 0; r < targets.count; ++r) {
    bool wrong = false;
    for (std::int64_t j = 0; j < outputs_; ++j) {
      const double error =
          std::abs(answers.outputs[r * outputs_ + j] - targets.data[r * outputs_ + j]);
      wrong = wrong || !(error <= settings_.tolerance[static_cast<std::size_t>(j)]);
    }
    samples.push_back({disagreement(answers.spread + r * outputs_), wrong});
  }
  std::sort(samples.begin(), samples.end(),
            [](const Sample& a, const Sample& b) { return a.disagreement < b.disagreement; });
  constexpr std::size_t least = 100;
  double limit = 0;
  double wrong = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    wrong += samples[i].wrong ? 1 : 0;
    if (i + 1 >= least && wrong <= (1 - settings_.coverage) * static_cast<double>(i + 1))
      limit = samples[i].disagreement;
  }
  return limit;
}

}  // namespace cardan::closure
