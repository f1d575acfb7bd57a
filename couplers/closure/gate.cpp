#include "couplers/closure/gate.hpp"

#include <cardan/error.hpp>

#include <cmath>

namespace cardan::closure {

Gate::Gate(const TrustSettings& settings, std::int64_t outputs) : settings_(settings), outputs_(outputs)
{
  auto& tolerance = settings_.tolerance;
  if (settings_.gate == TrustSettings::Gate::none) return;
  if (tolerance.size() == 1) tolerance.resize(static_cast<std::size_t>(outputs), tolerance.front());
  if (tolerance.size() != static_cast<std::size_t>(outputs))
    throw Error{"trust tolerance has " + std::to_string(tolerance.size()) + " values",
                "a sample has " + std::to_string(outputs) + " outputs",
                "Give one value for all, or one for each output."};
}

// A not-a-number is looked for first: comparisons with one are false, so it would pass for "unsure" below.
Verdict Gate::judge_sample(const double* outputs, const double* spread, bool inside) const
{
  for (std::int64_t j = 0; j < outputs_; ++j)
    if (!std::isfinite(outputs[j]) || std::isnan(spread[j])) return Verdict::not_a_number;
  if (settings_.gate == TrustSettings::Gate::ensemble) {
    if (!inside) return Verdict::outside;
    for (std::int64_t j = 0; j < outputs_; ++j)
      if (!(spread[j] <= settings_.tolerance[static_cast<std::size_t>(j)])) return Verdict::unsure;
  }
  for (std::int64_t j = 0; j < outputs_; ++j)
    if (outputs[j] < settings_.low || outputs[j] > settings_.high) return Verdict::out_of_range;
  return Verdict::trusted;
}

void Gate::judge(const Answers& answers, std::int64_t count, Verdict* verdicts) const
{
  for (std::int64_t r = 0; r < count; ++r)
    verdicts[r] = judge_sample(answers.outputs + r * outputs_, answers.spread + r * outputs_,
                               answers.inside[r] != 0);
}

}  // namespace cardan::closure
