#include "couplers/closure/gate.hpp"

#include "couplers/closure/samples.hpp"
#include "support/finite.hpp"
#include "support/typed.hpp"

#include <cardan/error.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace cardan::closure {

Gate::Gate(const TrustSettings& settings, const Features& outputs)
    : settings_(settings), outputs_(outputs), numbers_(numbers_of(outputs))
{
  auto& tolerance = settings_.tolerance;
  if (settings_.gate == TrustSettings::Gate::none) return;
  if (tolerance.size() == 1)
    tolerance.resize(static_cast<std::size_t>(numbers_), tolerance.front());
  if (tolerance.size() != static_cast<std::size_t>(numbers_))
    throw Error{"trust tolerance has " + std::to_string(tolerance.size()) + " values",
                "a sample has " + std::to_string(numbers_) + " outputs",
                "Give one value for all, or one for each output."};
  for (const double value : tolerance) inverse_.push_back(1 / value);
}

bool Gate::wants_spread() const
{
  return settings_.gate != TrustSettings::Gate::none;
}

// Four sums side by side: one would wait for each addition.
double Gate::disagreement(const double* spread) const
{
  const double* inverse = inverse_.data();
  std::array<double, 4> sums{};
  const auto square = [&](std::int64_t j) {
    const double ratio = spread[j] * inverse[j];
    return ratio * ratio;
  };
  std::int64_t j = 0;
  for (; j + 4 <= numbers_; j += 4)
    for (std::int64_t lane = 0; lane < 4; ++lane)
      sums[static_cast<std::size_t>(lane)] += square(j + lane);
  for (; j < numbers_; ++j) sums[0] += square(j);
  return std::sqrt((sums[0] + sums[1] + sums[2] + sums[3]) / static_cast<double>(numbers_));
}

namespace {

template <class T>
bool within(const T* numbers, std::int64_t count, double low, double high)
{
  int outside = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto number = static_cast<double>(numbers[i]);
    outside |= static_cast<int>(number < low) | static_cast<int>(number > high);
  }
  return outside == 0;
}

/// What a sample's numbers say by themselves: a not-a-number is looked for first, since comparisons
/// with one are false.
template <class T>
Verdict look_at(const T* numbers, std::int64_t count, double low, double high)
{
  if (!all_finite(numbers, count)) return Verdict::not_a_number;
  return within(numbers, count, low, high) ? Verdict::trusted : Verdict::out_of_range;
}

}  // namespace

void Gate::judge(const Batch& outputs, const double* spread, const std::uint8_t* inside,
                 double limit, Verdict* verdicts) const
{
  std::fill_n(verdicts, outputs.count, Verdict::trusted);
  const bool bounded = !(std::isinf(settings_.low) && std::isinf(settings_.high));
  for (std::size_t f = 0; f < outputs_.size(); ++f)
    with_type(outputs_[f].dtype, [&](auto* type) {
      const auto* column = reinterpret_cast<const typed<decltype(type)>*>(outputs.columns[f]);
      const std::int64_t numbers = outputs_[f].numbers();
      // As a rule nothing is wrong with any of them, and that is soon seen.
      const bool all =
          all_finite(column, outputs.count * numbers) &&
          (!bounded || within(column, outputs.count * numbers, settings_.low, settings_.high));
      for (std::int64_t r = 0; !all && r < outputs.count; ++r) {
        const Verdict verdict =
            look_at(column + r * numbers, numbers, settings_.low, settings_.high);
        if (verdict == Verdict::not_a_number || verdicts[r] == Verdict::trusted)
          verdicts[r] = verdict;
      }
    });
  for (std::int64_t r = 0; r < outputs.count; ++r) {
    if (verdicts[r] == Verdict::not_a_number) continue;
    if (inside != nullptr && inside[r] == 0) {
      verdicts[r] = Verdict::outside;
      continue;
    }
    if (!wants_spread()) continue;
    const double value = disagreement(spread + r * numbers_);
    if (std::isnan(value))
      verdicts[r] = Verdict::not_a_number;
    else if (!(value < limit))
      verdicts[r] = Verdict::unsure;
  }
}

bool Gate::wrong(const Batch& outputs, const Batch& targets, std::int64_t sample) const
{
  std::size_t j = 0;
  for (std::size_t f = 0; f < outputs_.size(); ++f) {
    const std::int64_t numbers = outputs_[f].numbers();
    for (std::int64_t i = sample * numbers; i < (sample + 1) * numbers; ++i, ++j) {
      const double error = std::abs(number_at(outputs_[f].dtype, outputs.columns[f], i) -
                                    number_at(outputs_[f].dtype, targets.columns[f], i));
      if (!(error <= settings_.tolerance[j])) return true;
    }
  }
  return false;
}

// Samples in the order of their disagreement: the limit lies behind the longest beginning of that
// list in which the share of errors above the tolerance is still small enough. A hundred samples
// are the least that says anything.
Gate::Calibration Gate::calibrate(const Batch& outputs, const double* spread,
                                  const Batch& targets) const
{
  if (!wants_spread()) return {};
  struct Sample {
    double disagreement;
    bool wrong;
  };
  std::vector<Sample> samples;
  samples.reserve(static_cast<std::size_t>(targets.count));
  for (std::int64_t r = 0; r < targets.count; ++r) {
    const double value = disagreement(spread + r * numbers_);
    if (!std::isnan(value)) samples.push_back({value, wrong(outputs, targets, r)});
  }
  std::sort(samples.begin(), samples.end(),
            [](const Sample& a, const Sample& b) { return a.disagreement < b.disagreement; });
  constexpr std::size_t least = 100;
  Calibration found;
  double wrongs = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const auto count = static_cast<double>(i + 1);
    wrongs += samples[i].wrong ? 1 : 0;
    if (i + 1 < least || wrongs > (1 - settings_.coverage) * count) continue;
    found = {samples[i].disagreement, count / static_cast<double>(targets.count),
             1 - wrongs / count};
  }
  return found;
}

}  // namespace cardan::closure
