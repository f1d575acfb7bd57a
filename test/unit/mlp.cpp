// The ensemble of multilayer perceptrons, through the interface that couplers see (Torch is loaded
// at run time).
#include "registry.hpp"
#include "support/rows.hpp"

#include <cardan/config.hpp>
#include <cardan/error.hpp>
#include <cardan/model.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <random>
#include <vector>

using cardan::Config;

namespace {

constexpr std::int64_t width = 3;

/// Samples of a map that keeps the sum of its three components, each of another size.
struct Samples {
  // Batches of them are only read.
  mutable std::vector<double> inputs;
  mutable std::vector<double> targets;

  explicit Samples(std::int64_t count, unsigned seed = 1, double shift = 0)
  {
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> unit{0, 1};
    for (std::int64_t i = 0; i < count; ++i) {
      const double a = unit(random) + shift;
      const double b = 1e-5 * unit(random);
      const double c = 1 - a - b;
      const double flow = 0.1 * a * std::sin(3 * a);
      const double tiny = 1e-6 * a;
      inputs.insert(inputs.end(), {a, b, c});
      targets.insert(targets.end(), {a - flow, b + tiny, c + flow - tiny});
    }
  }
  [[nodiscard]] Rows<> x() const { return {inputs, width}; }
  [[nodiscard]] Rows<> y() const { return {targets, width}; }
  [[nodiscard]] std::int64_t count() const { return x().batch().count; }
};

std::unique_ptr<cardan::Learner> learner(const std::string& model, const std::string& training = "")
{
  const Config table =
      Config::from_text("[model]\n" + model + "\n[training]\n" + training, "test.toml");
  return cardan::module_for(table.table("model"))
      .learner(table.table("model"), table.table("training"), square_signature(width, width),
               {7, 0, 1});
}

struct Predicted {
  std::vector<double> outputs;
  std::vector<double> spread;
};

template <class Predictor>
Predicted predict(Predictor& predictor, const Samples& samples)
{
  Predicted p;
  p.outputs.resize(samples.targets.size());
  p.spread.resize(samples.targets.size());
  predictor.predict(samples.x(), {Rows<>{p.outputs, width}.columns(), p.spread.data()});
  return p;
}

double differentiate(cardan::Learner& net, const Samples& samples)
{
  return net.differentiate(samples.x(), samples.y(), 1, [](std::size_t) {});
}

void train(cardan::Learner& net, const Samples& samples, int steps)
{
  for (int i = 0; i < steps; ++i) {
    const auto again = [&] { return differentiate(net, samples); };
    net.step(again(), again);
  }
}

/// Settles without samples: the weights as they are.
void settle_nothing(cardan::Learner& net)
{
  static_cast<void>(net.settling_sums({}, {}));
  net.settle({});
}

double largest_difference(const std::vector<double>& a, const std::vector<double>& b)
{
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

const std::string small = "hidden = [16, 32]\nmembers = 3\nactivation = \"silu\"\n";

}  // namespace

TEST_CASE("the ensemble learns, and its last layer is solved")
{
  for (const std::string head : {"plain", "increment", "conserving"}) {
    CAPTURE(head);
    std::string model = small;
    model.append("head = \"").append(head).append("\"");
    auto net = learner(model);
    const Samples train_set{2000};
    net->see(train_set.x(), train_set.y());
    net->normalise(net->tally());
    const double first = differentiate(*net, train_set);
    train(*net, train_set, 200);
    const Samples test{500, 2};
    settle_nothing(*net);
    const double by_gradient = net->validate(test.x(), test.y());
    net->settle(net->settling_sums(train_set.x(), train_set.y()));
    const double solved = net->validate(test.x(), test.y());
    CHECK(by_gradient < first / 5);
    CHECK(solved < by_gradient / 10);
    const Predicted p = predict(*net, test);
    CHECK(largest_difference(p.outputs, test.targets) < 0.01);
    const Predicted far = predict(*net, Samples{10, 3, 5.0});
    CHECK(*std::min_element(far.spread.begin(), far.spread.end()) >= 0);
  }
}

TEST_CASE("the conserving head keeps the sum to round-off, trained or not")
{
  auto net = learner(small + "head = \"conserving\"");
  const Samples samples{300};
  net->see(samples.x(), samples.y());
  net->normalise(net->tally());
  settle_nothing(*net);
  const Predicted p = predict(*net, samples);
  for (std::size_t r = 0; r < p.outputs.size(); r += 3) {
    const double before = samples.inputs[r] + samples.inputs[r + 1] + samples.inputs[r + 2];
    const double after = p.outputs[r] + p.outputs[r + 1] + p.outputs[r + 2];
    CHECK(std::abs(after - before) < 4e-16);
  }
}

TEST_CASE("a model that reads a learner's state answers alike, bit for bit")
{
  auto net = learner(small);
  const Samples samples{300};
  net->see(samples.x(), samples.y());
  net->normalise(net->tally());
  net->settle(net->settling_sums(samples.x(), samples.y()));
  std::vector<std::byte> state(net->state_bytes());
  net->write(state.data());
  const Config table = Config::from_text(small, "test.toml");
  auto model = cardan::module_for(table).model(table, square_signature(width, width));
  REQUIRE(model->state_bytes() == state.size());
  model->read(state.data());
  const Predicted a = predict(*net, samples);
  const Predicted b = predict(*model, samples);
  CHECK(a.outputs == b.outputs);
  CHECK(a.spread == b.spread);
}

TEST_CASE("another normalisation leaves the function as it is")
{
  auto net = learner(small, "last_layer = \"gradient\"");
  const Samples samples{500};
  net->see(samples.x(), samples.y());
  net->normalise(net->tally());
  train(*net, samples, 50);
  settle_nothing(*net);
  const Predicted before = predict(*net, samples);
  const Samples moved{2000, 5, 1.0};
  net->see(moved.x(), moved.y());
  net->normalise(net->tally());
  settle_nothing(*net);
  const Predicted after = predict(*net, samples);
  CHECK(largest_difference(before.outputs, after.outputs) < 1e-5);
}

TEST_CASE("gradients and settling sums of parts join to those of the whole")
{
  auto net = learner(small);
  const Samples a{256, 1};
  const Samples b{256, 2};
  Samples both{0};
  both.inputs = a.inputs;
  both.targets = a.targets;
  both.inputs.insert(both.inputs.end(), b.inputs.begin(), b.inputs.end());
  both.targets.insert(both.targets.end(), b.targets.begin(), b.targets.end());
  net->see(both.x(), both.y());
  net->normalise(net->tally());
  const auto gradient = [&](const Samples& samples) {
    differentiate(*net, samples);
    std::vector<float> all;
    for (const auto& bucket : net->buckets()) {
      const auto* numbers = static_cast<const float*>(bucket.data);
      all.insert(all.end(), numbers, numbers + bucket.count);
    }
    return all;
  };
  const auto ga = gradient(a);
  const auto gb = gradient(b);
  const auto whole = gradient(both);
  float scale = 0;
  float worst = 0;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    scale = std::max(scale, std::abs(whole[i]));
    worst = std::max(worst, std::abs((ga[i] + gb[i]) / 2 - whole[i]));
  }
  CHECK(scale > 0);
  CHECK(worst < 2e-6F * scale);

  const auto sa = net->settling_sums(a.x(), a.y());
  const auto sb = net->settling_sums(b.x(), b.y());
  const auto joined = net->settling_sums(both.x(), both.y());
  REQUIRE(sa.size() == joined.size());
  for (std::size_t i = 0; i < joined.size(); ++i)
    REQUIRE(sa[i] + sb[i] == doctest::Approx(joined[i]).epsilon(1e-5));
}

TEST_CASE("constant features and few samples give numbers, not infinities")
{
  auto net = learner(small);
  Samples samples{4};
  std::fill(samples.inputs.begin(), samples.inputs.end(), 0.5);
  std::fill(samples.targets.begin(), samples.targets.end(), 0.25);
  net->see(samples.x(), samples.y());
  net->normalise(net->tally());
  train(*net, samples, 1);
  net->settle(net->settling_sums(samples.x(), samples.y()));
  const Predicted p = predict(*net, samples);
  for (const double value : p.outputs) CHECK(value == doctest::Approx(0.25));
}

TEST_CASE("what a run file says wrongly is refused with its line")
{
  CHECK_THROWS_WITH_AS(learner("hidden = [16]\nmembers = 0"),
                       "test.toml:3: members = 0 (must be at least 1)", cardan::Error);
  CHECK_THROWS_AS(learner("activation = \"tanhh\""), cardan::Error);
  CHECK_NOTHROW(learner("hidden = []"));
  CHECK_THROWS_AS(learner("", "optimizer = { rate = -1 }"), cardan::Error);
  CHECK_THROWS_AS(learner("", "loss = \"hubr\""), cardan::Error);
  CHECK_THROWS_AS(learner("", "loss = \"gaussian\""), cardan::Error);
  const Config table = Config::from_text("head = \"conserving\"", "test.toml");
  CHECK_THROWS_WITH(
      static_cast<void>(cardan::module_for(table).model(table, square_signature(2, 3))),
      doctest::Contains("as many outputs as inputs"));
}
