// The families of networks, through the interface that couplers see (Torch is loaded at run time).
#include "kinds.hpp"
#include "registry.hpp"

#include <cardan/config.hpp>
#include <cardan/model.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

using cardan::Config;

namespace {

constexpr std::int64_t count = 64;

/// Sampled waves as float64 of each feature: their phase is all that differs between samples.
std::vector<std::vector<double>> waves(const cardan::Features& features)
{
  std::vector<std::vector<double>> all;
  for (const auto& feature : features) {
    std::vector<double> numbers;
    for (std::int64_t i = 0; i < count; ++i)
      for (std::int64_t j = 0; j < feature.numbers(); ++j)
        numbers.push_back(3 +
                          std::sin(0.4 * static_cast<double>(j) + 0.1 * static_cast<double>(i)));
    all.push_back(std::move(numbers));
  }
  return all;
}

std::vector<std::byte*> columns(std::vector<std::vector<double>>& samples)
{
  std::vector<std::byte*> all;
  all.reserve(samples.size());
  for (auto& numbers : samples) all.push_back(reinterpret_cast<std::byte*>(numbers.data()));
  return all;
}

cardan::Signature signature_of(const std::string& kind)
{
  const auto feature = [](const std::string& name, std::vector<std::int64_t> shape) {
    return cardan::Feature{name, cardan::Dtype::float64, std::move(shape)};
  };
  if (kind == "cnn" || kind == "unet" || kind == "fno")
    return {{feature("u", {16})}, {feature("later", {16})}};
  if (kind == "deeponet") return {{feature("u", {12}), feature("x", {8})}, {feature("v", {8})}};
  return {{feature("u", {6})}, {feature("v", {6})}};
}

}  // namespace

TEST_CASE("every kind that a run file can name learns, and a model reads what was learned")
{
  for (const auto& kind : cardan::model_kinds()) {
    if (cardan::module_of_kind(kind) != "torch") continue;
    CAPTURE(kind);
    const Config run = Config::from_text(
        "[model]\nkind = \"" + kind + "\"\n[training]\noptimizer = { rate = 3e-3, average = 0 }\n",
        "test.toml");
    const cardan::Signature signature = signature_of(kind);
    cardan::Module& module = cardan::module_for(run.table("model"));
    const auto learner =
        module.learner(run.table("model"), run.table("training"), signature, {7, 0, 1});
    run.reject_unknown();
    auto x = waves(signature.inputs);
    auto y = waves(signature.outputs);
    const auto x_columns = columns(x);
    const auto y_columns = columns(y);
    const cardan::Batch inputs{count, x_columns.data()};
    const cardan::Batch targets{count, y_columns.data()};
    learner->see(inputs, targets);
    learner->normalise(learner->tally());
    const auto differentiate = [&] {
      return learner->differentiate(inputs, targets, 1, [](std::size_t) {});
    };
    const double first = differentiate();
    for (int i = 0; i < 60; ++i) learner->step(differentiate(), differentiate);
    learner->settle(learner->settling_sums(inputs, targets));
    CHECK(learner->validate(inputs, targets) < 0.3 * first);

    const auto model = module.model(run.table("model"), signature);
    REQUIRE(model->state_bytes() == learner->state_bytes());
    std::vector<std::byte> state(model->state_bytes());
    learner->write(state.data());
    model->read(state.data());
    auto learned = y;
    auto read = waves(signature.outputs);
    const auto learned_columns = columns(learned);
    const auto read_columns = columns(read);
    learner->predict(inputs, {learned_columns.data(), nullptr});
    model->predict(inputs, {read_columns.data(), nullptr});
    CHECK(read[0] == learned[0]);
    CHECK(learned[0] != y[0]);
  }
}

TEST_CASE("an operator asked at fixed points still knows which point is which")
{
  // The answer at point p of a function with amplitude a is a sin(p).
  constexpr std::int64_t points = 6;
  const cardan::Signature signature{
      {{"u", cardan::Dtype::float64, {4}}, {"at", cardan::Dtype::float64, {points}}},
      {{"v", cardan::Dtype::float64, {points}}}};
  std::vector<std::vector<double>> x(2);
  std::vector<std::vector<double>> y(1);
  for (int s = 0; s < 64; ++s) {
    const double a = std::cos(1.7 * s);
    for (int i = 0; i < 4; ++i) x[0].push_back(a * (i + 1));
    for (std::int64_t p = 0; p < points; ++p) {
      const double at = static_cast<double>(p) / 3;
      x[1].push_back(at);
      y[0].push_back(a * std::sin(3 * at));
    }
  }
  const auto x_columns = columns(x);
  const auto y_columns = columns(y);
  const cardan::Batch inputs{64, x_columns.data()};
  const cardan::Batch targets{64, y_columns.data()};
  const Config run = Config::from_text(
      "[model]\nkind = \"deeponet\"\n[training]\noptimizer = { rate = 3e-3, average = 0 }\n",
      "test.toml");
  const auto learner =
      cardan::module_for(run.table("model"))
          .learner(run.table("model"), run.table("training"), signature, {7, 0, 1});
  learner->see(inputs, targets);
  learner->normalise(learner->tally());
  double loss = 1;
  for (int step = 0; step < 800; ++step) {
    const auto again = [&] {
      return learner->differentiate(inputs, targets, 1, [](std::size_t) {});
    };
    loss = again();
    learner->step(loss, again);
  }
  CHECK(loss < 0.02);
}

TEST_CASE("logits of what is masked: targets of 0 are not judged")
{
  constexpr std::int64_t sites = 4;
  const cardan::Signature signature{{{"tokens", cardan::Dtype::float32, {sites}}},
                                    {{"spins", cardan::Dtype::float32, {sites}}}};
  const auto learner_of = [&](const std::string& model) {
    const Config run = Config::from_text(
        "[model]\nkind = \"masked_transformer\"\n" + model +
            "\n[training]\nloss = \"masked_logistic\"\noptimizer = { rate = 1e-2, average = 0 }\n",
        "test.toml");
    return cardan::module_for(run.table("model"))
        .learner(run.table("model"), run.table("training"), signature, {7, 0, 1});
  };
  CHECK_THROWS_WITH_AS(static_cast<void>(learner_of("")),
                       "test.toml:5: loss = \"masked_logistic\" (its targets are +1, -1 and 0, not "
                       "normalised ones). Give the model normalise = false.",
                       cardan::Error);

  // All spins of a sample are alike; the one that is masked is the only one to be judged.
  std::vector<float> tokens;
  std::vector<float> spins;
  for (std::int64_t s = 0; s < count; ++s)
    for (std::int64_t site = 0; site < sites; ++site) {
      const float spin = s % 3 == 0 ? 1 : -1;
      tokens.push_back(site == s % sites ? 0 : spin);
      spins.push_back(site == s % sites ? spin : 0);
    }
  const auto* x = reinterpret_cast<const std::byte*>(tokens.data());
  const auto* y = reinterpret_cast<const std::byte*>(spins.data());
  const cardan::Batch inputs{count, &x};
  const cardan::Batch targets{count, &y};
  const auto learner = learner_of("normalise = false");
  const auto differentiate = [&] {
    return learner->differentiate(inputs, targets, 1, [](std::size_t) {});
  };
  const double first = differentiate();
  for (int i = 0; i < 80; ++i) learner->step(differentiate(), differentiate);
  learner->settle(learner->settling_sums(inputs, targets));
  CHECK(learner->validate(inputs, targets) < 0.2 * first);
  std::vector<float> logits(tokens.size());
  auto* answers = reinterpret_cast<std::byte*>(logits.data());
  learner->predict(inputs, {&answers, nullptr});
  std::vector<float> nothing(spins.size(), 0);
  const auto* none = reinterpret_cast<const std::byte*>(nothing.data());
  CHECK(learner->validate(inputs, {count, &none}) == 0);
  for (std::size_t i = 0; i < logits.size(); ++i)
    if (spins[i] != 0) CHECK(logits[i] * spins[i] > 0);
  // The mean over what is judged, of log(1 + exp(-t z)).
  double sum = 0;
  for (std::size_t i = 0; i < logits.size(); ++i)
    if (spins[i] != 0) sum += std::log1p(std::exp(-static_cast<double>(logits[i] * spins[i])));
  CHECK(learner->validate(inputs, targets) ==
        doctest::Approx(sum / static_cast<double>(count)).epsilon(1e-4));
}
