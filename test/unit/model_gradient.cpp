// The gradient of a model's answers with respect to what it is asked, against differences.

#include "registry.hpp"

#include <cardan/config.hpp>
#include <cardan/model.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

using namespace cardan;

namespace {

constexpr std::int64_t ins = 3;

const std::byte* bytes(const std::vector<double>& numbers)
{
  return reinterpret_cast<const std::byte*>(numbers.data());
}

/// A learner that has seen something smooth, in units far from one.
std::unique_ptr<Learner> learned(const std::string& text, std::int64_t outs)
{
  const auto model = Config::from_text(text, "model.toml");
  const auto training = Config::from_text("optimizer = { rate = 1e-2 }\n", "training.toml");
  const Signature signature{{{"x", Dtype::float64, {ins}}}, {{"y", Dtype::float64, {outs}}}};
  Module& module = module_for(model);
  module.warm_up(1);
  auto learner = module.learner(model, module_name(model) == "torch" ? training : Config{},
                                signature, Trainee{3, 0, 1, false});
  std::vector<double> x;
  std::vector<double> y;
  constexpr std::int64_t count = 64;
  for (std::int64_t i = 0; i < count; ++i) {
    const double a = std::sin(1.7 * static_cast<double>(i));
    const double b = std::cos(2.3 * static_cast<double>(i));
    x.insert(x.end(), {a, 5 + 3 * b, a * b});
    for (std::int64_t j = 0; j < outs; ++j)
      y.push_back(100 + 20 * std::sin(a + static_cast<double>(j)) + 4 * b);
  }
  const std::byte* inputs = bytes(x);
  const std::byte* targets = bytes(y);
  const Batch batch{count, &inputs};
  const Batch wanted{count, &targets};
  learner->see(batch, wanted);
  learner->normalise(learner->tally());
  const auto evaluate = [&] {
    return learner->differentiate(batch, wanted, 1, [](std::size_t) {});
  };
  for (int i = 0; i < 50 && !learner->buckets().empty(); ++i) learner->step(evaluate(), evaluate);
  learner->settle(learner->settling_sums(batch, wanted));
  return learner;
}

}  // namespace

TEST_CASE("the gradient of a model is that of its answers")
{
  struct Case {
    std::string model;
    std::int64_t outs;
  };
  const std::vector<Case> cases{
      {"kind = \"mlp\"\nhidden = [8]\nactivation = \"tanh\"\n", 2},
      {"kind = \"mlp\"\nhidden = [8, 8]\nactivation = \"tanh\"\nmembers = 3\n", 2},
      {"kind = \"mlp\"\nhidden = [8]\nactivation = \"tanh\"\nhead = \"increment\"\n", ins},
      {"kind = \"mlp\"\nhidden = [8]\nactivation = \"tanh\"\nhead = \"gaussian\"\n", 2},
      {"kind = \"linear\"\n", 2}};
  for (const auto& each : cases) {
    CAPTURE(each.model);
    const auto learner = learned(each.model, each.outs);
    REQUIRE(learner->has_gradient());
    constexpr std::int64_t count = 2;
    std::vector<double> x{0.3, 4, -0.2, -0.5, 6, 0.1};
    std::vector<double> cotangents;
    for (std::int64_t i = 0; i < count * each.outs; ++i)
      cotangents.push_back(1 - 0.7 * static_cast<double>(i));
    const auto weighted = [&](std::size_t sample) {
      std::vector<double> y(static_cast<std::size_t>(count * each.outs));
      const std::byte* column = bytes(x);
      auto* const to = reinterpret_cast<std::byte*>(y.data());
      learner->predict({count, &column}, {&to, nullptr});
      double sum = 0;
      for (std::size_t j = 0; j < static_cast<std::size_t>(each.outs); ++j) {
        const std::size_t at = sample * static_cast<std::size_t>(each.outs) + j;
        sum += cotangents[at] * y[at];
      }
      return sum;
    };
    std::vector<double> gradients(x.size());
    const std::byte* column = bytes(x);
    learner->pull_back({count, &column}, cotangents.data(), gradients.data());
    for (std::size_t i = 0; i < x.size(); ++i) {
      constexpr double step = 0.02;
      const double here = x[i];
      x[i] = here + step;
      const double above = weighted(i / ins);
      x[i] = here - step;
      const double below = weighted(i / ins);
      x[i] = here;
      CAPTURE(i);
      CHECK(gradients[i] == doctest::Approx((above - below) / (2 * step)).epsilon(0.02));
    }
    learner->pull_back({0, nullptr}, nullptr, nullptr);
  }
}
