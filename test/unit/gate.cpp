// The trust gate: sample by sample, by the members' disagreement, what was learned, and what can
// be.
#include "couplers/closure/gate.hpp"
#include "support/rows.hpp"

#include <cardan/error.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

using cardan::closure::Gate;
using cardan::closure::TrustSettings;
using cardan::closure::Verdict;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

TrustSettings trust(std::vector<double> tolerance)
{
  TrustSettings settings;
  settings.tolerance = std::move(tolerance);
  return settings;
}

cardan::Features outputs_of(std::int64_t width)
{
  return square_signature(width, width).outputs;
}

/// One sample's verdict.
Verdict verdict(const TrustSettings& settings, std::vector<double> outputs,
                std::vector<double> spread, bool inside = true, double limit = 1)
{
  const auto width = static_cast<std::int64_t>(outputs.size());
  const Gate gate{settings, outputs_of(width)};
  std::uint8_t known = inside ? 1 : 0;
  auto result = Verdict::out_of_range;
  gate.judge(Rows<>{outputs, width}, spread.data(), &known, limit, &result);
  return result;
}

/// Answers for samples with one output, whose targets are all zero.
struct Held {
  void add(double error, double spread)
  {
    outputs.push_back(error);
    spreads.push_back(spread);
    targets.push_back(0);
  }
  [[nodiscard]] double limit(const TrustSettings& settings)
  {
    return Gate{settings, outputs_of(1)}
        .calibrate(Rows<>{outputs, 1}, spreads.data(), Rows<>{targets, 1})
        .limit;
  }
  std::vector<double> outputs;
  std::vector<double> spreads;
  std::vector<double> targets;
};

}  // namespace

TEST_CASE("a sample below the limit is trusted, one at or above it is not")
{
  CHECK(verdict(trust({0.1}), {1, 2}, {0.05, 0.05}) == Verdict::trusted);
  CHECK(verdict(trust({0.1}), {1, 2}, {0.3, 0.3}) == Verdict::unsure);
  CHECK(verdict(trust({0.1}), {1, 2}, {0.05, 0.05}, true, 0.4) == Verdict::unsure);
  CHECK(verdict(trust({1.0}), {1}, {1}, true, 1) == Verdict::unsure);
  CHECK(verdict(trust({1.0}), {1}, {0}, true, 0) == Verdict::unsure);
}

TEST_CASE("the disagreement is the root mean square over outputs, each by its own tolerance")
{
  // Ratios 3 and 0: sqrt(9 / 2) = 2.12.
  CHECK(verdict(trust({0.1, 10}), {1, 1}, {0.3, 0}, true, 2.2) == Verdict::trusted);
  CHECK(verdict(trust({0.1, 10}), {1, 1}, {0.3, 0}, true, 2.1) == Verdict::unsure);
  CHECK(verdict(trust({10, 0.1}), {1, 1}, {0.3, 0}) == Verdict::trusted);
}

TEST_CASE("an input outside what was learned is not answered, however sure the model is")
{
  CHECK(verdict(trust({1}), {1}, {0}, false) == Verdict::outside);
}

TEST_CASE("an answer that is not a number says so, whatever else is wrong with it")
{
  CHECK(verdict(trust({1}), {1, not_a_number}, {0, 0}) == Verdict::not_a_number);
  CHECK(verdict(trust({1}), {infinity, 1}, {0, 0}) == Verdict::not_a_number);
  CHECK(verdict(trust({1}), {1, 1}, {0, not_a_number}) == Verdict::not_a_number);
  CHECK(verdict(trust({1}), {not_a_number, 1}, {9, 9}, false) == Verdict::not_a_number);
}

TEST_CASE("an answer that cannot be is not used")
{
  auto settings = trust({1});
  settings.low = 0;
  settings.high = 1;
  CHECK(verdict(settings, {-1e-9}, {0}) == Verdict::out_of_range);
  CHECK(verdict(settings, {1.5}, {0}) == Verdict::out_of_range);
  CHECK(verdict(settings, {0}, {0}) == Verdict::trusted);
  CHECK(verdict(settings, {1}, {0}) == Verdict::trusted);
}

TEST_CASE("without a gate everything is trusted that is a number and in range")
{
  TrustSettings settings;
  settings.gate = TrustSettings::Gate::none;
  settings.high = 10;
  CHECK(verdict(settings, {1}, {1e9}, true, 0) == Verdict::trusted);
  CHECK(verdict(settings, {not_a_number}, {0}) == Verdict::not_a_number);
  CHECK(verdict(settings, {11}, {0}) == Verdict::out_of_range);
}

TEST_CASE("each sample of a batch has its own verdict")
{
  const Gate gate{trust({1}), outputs_of(1)};
  std::vector<double> outputs{1, not_a_number, 1, 1};
  std::vector<double> spread{0, 0, 5, 0};
  std::vector<std::uint8_t> inside{1, 1, 1, 0};
  std::vector<Verdict> verdicts(5, Verdict::out_of_range);
  gate.judge({4, Rows<>{outputs, 1}.batch().columns}, spread.data(), inside.data(), 1,
             verdicts.data());
  CHECK(verdicts == std::vector{Verdict::trusted, Verdict::not_a_number, Verdict::unsure,
                                Verdict::outside, Verdict::out_of_range});
}

TEST_CASE("a tolerance has one value, or one for each output")
{
  CHECK_NOTHROW(Gate{trust({1}), outputs_of(3)});
  CHECK_NOTHROW(Gate{trust({1, 2, 3}), outputs_of(3)});
  CHECK_THROWS_WITH_AS((Gate{trust({1, 2}), outputs_of(3)}),
                       "trust tolerance has 2 values (a sample has 3 outputs). "
                       "Give one value for all, or one for each output.",
                       cardan::Error);
}

TEST_CASE("the limit keeps the share of errors above the tolerance small enough")
{
  auto settings = trust({1});
  settings.coverage = 0.95;
  Held held;
  // The error grows with the disagreement: right up to 0.5, wrong from there on.
  for (int i = 0; i < 1000; ++i) {
    const double spread = (i + 0.5) / 1000;
    held.add(spread < 0.5 ? 0.5 : 2, spread);
  }
  const double limit = held.limit(settings);
  // 500 right ones allow for 26 wrong ones: 26 / 526 is 4.94 %.
  CHECK(limit == doctest::Approx(0.5255));
}

TEST_CASE("no limit is better than a wrong one: nothing is trusted")
{
  auto settings = trust({1});
  Held wrong;
  for (int i = 0; i < 500; ++i) wrong.add(2, i);
  CHECK(wrong.limit(settings) == 0);
  Held few;
  for (int i = 0; i < 50; ++i) few.add(0, i);
  CHECK(few.limit(settings) == 0);
  Held none;
  CHECK(none.limit(settings) == 0);
}

TEST_CASE("an error that is not a number counts as wrong")
{
  auto settings = trust({1});
  Held held;
  for (int i = 0; i < 500; ++i) held.add(not_a_number, i);
  CHECK(held.limit(settings) == 0);
}

TEST_CASE("what is trusted by the limit errs no more often than said, on samples not seen")
{
  auto settings = trust({1});
  settings.coverage = 0.99;
  std::mt19937 random{7};
  std::uniform_real_distribution<double> level{0, 3};
  std::normal_distribution<double> normal;
  const auto draw = [&](Held& held) {
    const double spread = level(random);
    held.add(spread * normal(random), spread);
  };
  Held held;
  for (int i = 0; i < 5000; ++i) draw(held);
  const double limit = held.limit(settings);
  CHECK(limit > 0.3);
  Held fresh;
  for (int i = 0; i < 50000; ++i) draw(fresh);
  int trusted = 0;
  int wrong = 0;
  for (std::size_t i = 0; i < fresh.outputs.size(); ++i) {
    if (fresh.spreads[i] >= limit) continue;
    ++trusted;
    wrong += std::abs(fresh.outputs[i]) > 1 ? 1 : 0;
  }
  CHECK(wrong < 0.02 * trusted);
}
