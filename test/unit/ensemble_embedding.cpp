// The model of an ensemble: what it learns from the window, and what is decided by it.
#include "couplers/ensemble/embedding.hpp"
#include "support/brain.hpp"
#include "support/splitmix.hpp"

#include <cardan/error.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

using namespace cardan::test;
using namespace cardan::ensemble;
using cardan::Config;
using cardan::Random;
using Action = cardan::MemberDecision::Action;

namespace {

constexpr std::size_t dimension = 6;

/// Two numbers, folded into six.
std::vector<double> folded(double a, double b)
{
  return {a, b, a * a, a * b, std::sin(2 * a), 10 + b * b};
}

const std::string model =
    "model = { kind = \"autoencoder\", hidden = [16], latent = 2 }\n"
    "retrain = { every = 100, warmup = 200, first = 400, steps = 20, batch = 32 }\n";
const std::string training = "[training.water]\noptimizer = { rate = 1e-2 }\n";

struct Learning {
  explicit Learning(const std::string& text)
      : file(Config::from_text("[ensemble.water]\n" + text, "run.toml")),
        settings(read_ensemble(file, "water")),
        window(settings.window, {dimension, 1}, 1),
        embedding(file, settings, dimension, 3, 1)
  {}

  void fill(int count)
  {
    for (int i = 0; i < count; ++i) {
      Frame frame;
      frame.before = window.next() - 1;
      const std::vector<double> state{0};
      embedding.see(
          window,
          window.add(frame, folded(2 * random.uniform() - 1, 2 * random.uniform() - 1), state));
    }
  }
  void learn() { CHECK(embedding.learn(window, std::numeric_limits<std::int64_t>::max())); }
  double mean_score()
  {
    std::vector<double> embedded(window.size() * embedding.numbers());
    std::vector<double> scores(window.size());
    embedding.evaluate(window, window.oldest(), window.size(), embedded.data(), scores.data());
    double sum = 0;
    for (const double score : scores) sum += score / static_cast<double>(scores.size());
    return sum;
  }

  Config file;
  EnsembleSettings settings;
  Window window;
  Embedding embedding;
  Random random{11};
};

}  // namespace

TEST_CASE("an autoencoder learns a surface of two dimensions")
{
  Learning learning("score = \"error\"\nwindow = 300\n" + model + training);
  CHECK(learning.embedding.numbers() == 2);
  CHECK(learning.embedding.version() == 0);
  learning.fill(199);
  CHECK_FALSE(learning.embedding.due(learning.window));
  learning.fill(101);
  CHECK(learning.embedding.due(learning.window));
  learning.learn();
  CHECK(learning.embedding.version() == 1);
  CHECK(learning.embedding.steps() == 400);
  const double first = learning.mean_score();
  // Deviations of the six numbers are about a half: that is what knowing nothing gives.
  CHECK(first < 0.25);
  CHECK_FALSE(learning.embedding.due(learning.window));
  for (int round = 0; round < 20; ++round) {
    learning.fill(100);
    learning.learn();
  }
  CHECK(learning.embedding.version() == 21);
  CHECK(learning.mean_score() < 0.8 * first);
  CHECK(learning.embedding.loss() < 0.2);

  // A frame off the surface is badly made again.
  Frame frame;
  const std::vector<double> off{1, 1, 0, -1, 0, 10};
  const std::vector<double> state{0};
  const auto id = learning.window.add(frame, off, state);
  std::vector<double> embedded(2);
  double score = 0;
  learning.embedding.evaluate(learning.window, id, 1, embedded.data(), &score);
  CHECK(score > 3 * learning.mean_score());
}

TEST_CASE("embeddings tell frames apart, one by one as together")
{
  Learning learning("space = \"latent\"\nwindow = 300\n" + model + training);
  learning.fill(300);
  learning.learn();
  std::vector<double> all(600);
  std::vector<double> scores(300);
  learning.embedding.evaluate(learning.window, 0, 300, all.data(), scores.data());
  double least = 0;
  double most = 0;
  for (const double value : all) {
    REQUIRE(std::isfinite(value));
    least = std::min(least, value);
    most = std::max(most, value);
  }
  CHECK(most - least > 0.5);
  for (std::int64_t id = 0; id < 300; id += 37) {
    std::vector<double> one(2);
    double score = 0;
    learning.embedding.evaluate(learning.window, id, 1, one.data(), &score);
    CHECK(one[0] == doctest::Approx(all[static_cast<std::size_t>(2 * id)]).epsilon(1e-4));
    CHECK(one[1] == doctest::Approx(all[static_cast<std::size_t>(2 * id + 1)]).epsilon(1e-4));
  }
}

TEST_CASE("training in slices is the same training")
{
  Learning whole("space = \"latent\"\nwindow = 300\n" + model + training);
  Learning sliced("space = \"latent\"\nwindow = 300\n" + model + training);
  whole.fill(300);
  sliced.fill(300);
  whole.learn();
  int slices = 1;
  for (; !sliced.embedding.learn(sliced.window, 7); ++slices)
    CHECK(sliced.embedding.version() == 0);
  CHECK(slices == (400 + 6) / 7);
  CHECK(sliced.embedding.loss() == whole.embedding.loss());
}

TEST_CASE("with a lag a frame is made of an earlier one; a vae, and an ensemble's spread")
{
  Learning lagged("space = \"latent\"\nlag = 1\nwindow = 300\n" + model + training);
  lagged.fill(300);
  lagged.learn();
  // Frames here do not depend on those before: nothing is to be learned but their mean.
  CHECK(lagged.embedding.loss() > 0.5);

  Learning vae(
      "space = \"latent\"\nwindow = 300\n"
      "model = { kind = \"vae\", hidden = [16], latent = 3 }\nretrain = { first = 50 }\n");
  CHECK(vae.embedding.numbers() == 3);
  vae.fill(300);
  vae.learn();
  CHECK(std::isfinite(vae.embedding.loss()));

  Learning spread(
      "score = \"spread\"\nwindow = 300\n"
      "model = { kind = \"autoencoder\", hidden = [16], latent = 2, members = 3 }\n"
      "retrain = { first = 50 }\n");
  spread.fill(300);
  spread.learn();
  CHECK(spread.mean_score() > 0);
}

TEST_CASE("what the model cannot do is an error with its line")
{
  const auto refusal = [](const std::string& text) -> std::string {
    try {
      Learning learning(text);
    } catch (const std::exception& error) {
      return error.what();
    }
    return "";
  };
  CHECK(refusal("space = \"latent\"\nmodel = { kind = \"mlp\" }\n").find("run.toml:2: space") == 0);
  CHECK(refusal("score = \"spread\"\nmodel = { kind = \"autoencoder\" }\n").find("run.toml:2") ==
        0);
  CHECK(refusal("model = { kind = \"autoencoder\", laten = 2 }\n").find("'latent'") !=
        std::string::npos);
}

TEST_CASE("rounds that a model decides are the same for the same seed")
{
  const auto run = [](std::uint64_t seed) {
    Bench bench(
        "members = 4\nbarrier = true\nwindow = 300\nspace = \"latent\"\n" + model + training,
        {dimension, 2}, 1, seed);
    Random random(5);
    std::vector<double> a(4);
    std::vector<double> b(4);
    std::vector<Sent> all;
    for (std::int64_t segment = 1; segment <= 80; ++segment) {
      for (std::size_t m = 0; m < 4; ++m) {
        a[m] = std::clamp(a[m] + 0.4 * (random.uniform() - 0.5), -1.0, 1.0);
        b[m] = std::clamp(b[m] + 0.4 * (random.uniform() - 0.5), -1.0, 1.0);
        bench.tell({static_cast<int>(m), segment, folded(a[m], b[m]), {a[m], b[m]}});
      }
      for (const Sent& one : bench.taken()) {
        all.push_back(one);
        if (one.action != Action::restart) continue;
        a[static_cast<std::size_t>(one.member)] = one.state[0];
        b[static_cast<std::size_t>(one.member)] = one.state[1];
      }
    }
    return all;
  };
  const auto one = run(1);
  CHECK(one == run(1));
  CHECK_FALSE(one == run(2));
  REQUIRE(one.size() == 320);
  // Nothing is novel before something was learned.
  CHECK(one[0].version == 0);
  CHECK(std::all_of(one.begin(), one.begin() + 196,
                    [](const Sent& each) { return each.action == Action::go_on; }));
  CHECK(one.back().version > 1);
  CHECK(std::any_of(one.begin() + 196, one.end(),
                    [](const Sent& each) { return each.action == Action::restart; }));
}
