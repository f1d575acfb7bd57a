// Learners that go on from a state, through the interface that couplers see: every kind of network,
// every optimiser.
#include "kinds.hpp"
#include "registry.hpp"
#include "support/goes_on.hpp"

#include <cardan/config.hpp>
#include <cardan/model.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <memory>
#include <random>
#include <string>
#include <vector>

using cardan::Config;
using cardan::State;
using cardan::test::check_goes_on;
using cardan::test::check_refused;
using cardan::test::train;

namespace {

constexpr std::int64_t count = 24;
constexpr std::size_t batches = 5;

/// Batches of random numbers for some features.
class Samples {
 public:
  Samples(const cardan::Features& features, unsigned seed)
  {
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal{1, 2};
    for (std::size_t b = 0; b < batches; ++b) {
      std::vector<std::vector<double>> columns;
      for (const auto& feature : features) {
        columns.emplace_back(static_cast<std::size_t>(count * feature.numbers()));
        for (auto& number : columns.back()) number = normal(random);
      }
      memory_.push_back(std::move(columns));
    }
    for (const auto& columns : memory_) {
      std::vector<const std::byte*> all;
      all.reserve(columns.size());
      for (const auto& column : columns)
        all.push_back(reinterpret_cast<const std::byte*>(column.data()));
      addresses_.push_back(std::move(all));
    }
    for (const auto& all : addresses_) batches_.push_back({count, all.data()});
  }
  Samples(const Samples&) = delete;
  Samples& operator=(const Samples&) = delete;
  [[nodiscard]] const std::vector<cardan::Batch>& all() const { return batches_; }

 private:
  std::vector<std::vector<std::vector<double>>> memory_;
  std::vector<std::vector<const std::byte*>> addresses_;
  std::vector<cardan::Batch> batches_;
};

cardan::Signature signature_of(const std::string& kind)
{
  const auto feature = [](const std::string& name, std::vector<std::int64_t> shape) {
    return cardan::Feature{name, cardan::Dtype::float64, std::move(shape)};
  };
  if (kind == "cnn" || kind == "unet" || kind == "fno")
    return {{feature("u", {8, 8})}, {feature("later", {8, 8})}};
  if (kind == "deeponet") return {{feature("u", {12}), feature("x", {8})}, {feature("v", {8})}};
  return {{feature("u", {6})}, {feature("v", {6})}};
}

std::unique_ptr<cardan::Learner> learner_of(const std::string& model, const std::string& training,
                                            const cardan::Signature& signature, int ranks = 1,
                                            int rank = 0)
{
  const Config run =
      Config::from_text("[model]\n" + model + "\n[training]\n" + training + "\n", "test.toml");
  auto learner =
      cardan::module_for(run.table("model"))
          .learner(run.table("model"), run.table("training"), signature, {7, rank, ranks});
  run.reject_unknown();
  return learner;
}

void check(const std::string& model, const std::string& training, const std::string& kind)
{
  CAPTURE(model);
  CAPTURE(training);
  const cardan::Signature signature = signature_of(kind);
  const Samples x{signature.inputs, 1};
  const Samples y{signature.outputs, 2};
  check_goes_on([&] { return learner_of(model, training, signature); }, x.all(), y.all());
}

const std::vector<std::string> optimisers{
    "optimizer = { kind = \"adam\", rate = 3e-3, weight_decay = 0.01 }",
    "optimizer = { kind = \"adamw\", rate = 3e-3, clip = 1.0, average = 0 }",
    "optimizer = { kind = \"sgd\", rate = 1e-3 }",
    R"(optimizer = { kind = "sgd", momentum = 0.9, schedule = { kind = "cosine", steps = 20 } })",
    "optimizer = { kind = \"lbfgs\", rate = 0.5, history = 4, iterations = 3 }",
};

}  // namespace

TEST_CASE("every kind of model goes on as if nothing had happened")
{
  for (const auto& kind : cardan::model_kinds()) {
    const std::string module = cardan::module_of_kind(kind);
    if (module != "torch" && module != "baselines") continue;
    check("kind = \"" + kind + "\"", module == "torch" ? optimisers[0] : "", kind);
  }
}

TEST_CASE("with every optimiser")
{
  for (const auto& optimiser : optimisers) {
    check("kind = \"mlp\"\nhidden = [16, 8]\nmembers = 3", optimiser, "mlp");
    check("kind = \"resnet_mlp\"\nmembers = 2", optimiser, "resnet_mlp");
  }
}

TEST_CASE("with other heads and losses")
{
  check("kind = \"mlp\"\nhead = \"gaussian\"", "loss = \"gaussian\"", "mlp");
  check("kind = \"mlp\"\nhead = \"conserving\"", "last_layer = \"gradient\"", "mlp");
  check("kind = \"mlp\"\nnormalise = false", "", "mlp");
  check("kind = \"unet\"\nnorm = \"group\"\nlevels = 2", "", "unet");
}

TEST_CASE("weights have names")
{
  const auto signature = signature_of("mlp");
  const auto mlp = learner_of("kind = \"mlp\"\nhidden = [16]\nmembers = 3", "", signature);
  const State state = mlp->checkpoint();
  CHECK((state.array("weights/layer0/weights").shape == std::vector<std::int64_t>{3, 6, 16}));
  CHECK((state.array("weights/layer1/biases").shape == std::vector<std::int64_t>{3, 1, 6}));
  CHECK(state.has("average/layer0/weights"));
  const auto vae = learner_of("kind = \"vae\"\nmembers = 2", "", signature);
  CHECK(vae->checkpoint().has("weights/member1/encoder/layer0/weight"));
}

TEST_CASE("a state that does not fit is refused, and nothing is changed")
{
  const auto signature = signature_of("mlp");
  const Samples x{signature.inputs, 1};
  const Samples y{signature.outputs, 2};
  const auto trained = [&](const std::string& model, const std::string& training) {
    auto learner = learner_of(model, training, signature);
    static_cast<void>(train(*learner, x.all(), y.all(), 0, 5));
    return learner;
  };
  const std::string model = "kind = \"mlp\"\nhidden = [16]\nmembers = 3";
  const auto own = trained(model, optimisers[0]);
  check_refused(*own, trained("kind = \"mlp\"\nhidden = [24]\nmembers = 3", "")->checkpoint(),
                {"weights/layer0/weights", "[3, 6, 24]", "[3, 6, 16]"});
  check_refused(*own, trained("kind = \"mlp\"\nhidden = [16, 16]\nmembers = 3", "")->checkpoint(),
                {"layer1/weights"});
  check_refused(*own, trained(model, optimisers[3])->checkpoint(),
                {"optimiser/kind", "sgd", "adam"});
  check_refused(*trained(model, optimisers[4]), own->checkpoint(), {"optimiser/kind"});
  State cut;
  const State all = own->checkpoint();
  for (const auto& array : all.arrays())
    if (array.name != "optimiser/second_moment")
      cut.put(array.name, array.dtype, array.shape, array.data.data());
  check_refused(*own, cut, {"second_moment"});
  const auto knn = learner_of("kind = \"knn\"", "", signature);
  check_refused(*own, knn->checkpoint(), {"weights/"});
  check_refused(*knn, own->checkpoint(), {"weights/state"});
}

// What a learner has seen on one rank and on three, joined, is the same but for rounding.
TEST_CASE("tallies of several ranks are joined on one, and others begin empty")
{
  for (const std::string kind : {"mlp", "linear", "pod", "knn"}) {
    CAPTURE(kind);
    const auto signature = signature_of("mlp");
    const Samples x{signature.inputs, 1};
    const Samples y{signature.outputs, 2};
    const std::string model = "kind = \"" + kind + "\"";
    std::vector<std::unique_ptr<cardan::Learner>> ranks;
    ranks.reserve(3);
    for (int rank = 0; rank < 3; ++rank) ranks.push_back(learner_of(model, "", signature, 3, rank));
    const auto one = learner_of(model, "", signature);
    for (std::size_t b = 0; b < batches; ++b) {
      ranks[b % 3]->see(x.all()[b], y.all()[b]);
      one->see(x.all()[b], y.all()[b]);
    }
    // As a checkpoint has them: one rank's rows after the other's.
    State joined;
    const State first = ranks[0]->checkpoint();
    for (const auto& array : first.arrays()) {
      auto shape = array.shape;
      auto data = array.data;
      if (array.name.compare(0, 6, "tally/") == 0)
        for (int rank = 1; rank < 3; ++rank) {
          const State state = ranks[static_cast<std::size_t>(rank)]->checkpoint();
          const auto& other = state.array(array.name);
          shape[0] += other.shape[0];
          data.insert(data.end(), other.data.begin(), other.data.end());
        }
      joined.put(array.name, array.dtype, shape, data.data());
    }
    const auto whole = learner_of(model, "", signature);
    whole->restore(joined);
    State none;
    for (const auto& array : joined.arrays())
      if (array.name.compare(0, 6, "tally/") != 0)
        none.put(array.name, array.dtype, array.shape, array.data.data());
    const auto empty = learner_of(model, "", signature);
    empty->see(x.all()[0], y.all()[0]);
    empty->restore(none);
    CHECK(empty->tally().sums[0] == 0);

    const auto expected = one->tally().sums;
    const auto sums = whole->tally().sums;
    REQUIRE(sums.size() == expected.size());
    for (std::size_t i = 0; i < sums.size(); ++i)
      CHECK(sums[i] == doctest::Approx(expected[i]).epsilon(1e-12));
    if (kind == "mlp") continue;
    double loss[2];
    int which = 0;
    for (auto* learner : {one.get(), whole.get()}) {
      learner->normalise(learner->tally());
      learner->settle(learner->settling_sums({}, {}));
      loss[which++] = learner->validate(x.all()[0], y.all()[0]);
    }
    CHECK(loss[1] == doctest::Approx(loss[0]).epsilon(1e-8));
  }
}
