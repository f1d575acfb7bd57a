// Training ranks average their gradients beside the backward pass: as one rank with the joined
// batch, and to the same bits on all of them.
#include "couplers/closure/gradients.hpp"
#include "registry.hpp"
#include "support/rows.hpp"
#include "support/run_file.hpp"

#include <doctest/doctest.h>
#include <mpi.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <string>
#include <vector>

using cardan::closure::Gradients;

namespace {

constexpr std::int64_t width = 4;

struct Samples {
  mutable std::vector<double> x;
  mutable std::vector<double> y;

  Samples(std::int64_t count, int seed)
  {
    std::mt19937 random(static_cast<unsigned>(seed));
    std::uniform_real_distribution<double> unit{-1, 1};
    for (std::int64_t i = 0; i < count * width; ++i) {
      x.push_back(unit(random));
      y.push_back(std::sin(3 * x.back()));
    }
  }
  [[nodiscard]] Rows<> inputs() const { return {x, width}; }
  [[nodiscard]] Rows<> targets() const { return {y, width}; }
};

/// More than one bucket: a layer of 600 x 600 alone has 1.4 MB.
std::unique_ptr<cardan::Learner> learner(const std::string& optimizer)
{
  const auto table = cardan::Config::from_text(
      "[model]\nhidden = [64, 600, 600, 16]\nmembers = 1\n[training]\nlast_layer = \"gradient\"\n"
      "optimizer = " +
          optimizer + "\n",
      "test.toml");
  auto made = cardan::module_for(table.table("model"))
                  .learner(table.table("model"), table.table("training"),
                           square_signature(width, width), {3, 0, 1});
  const Samples all{500, 99};
  made->see(all.inputs(), all.targets());
  made->normalise(made->tally());
  return made;
}

std::vector<float> gradient_of(const cardan::Learner& learner)
{
  std::vector<float> all;
  for (const auto& bucket : learner.buckets()) {
    const auto* numbers = static_cast<const float*>(bucket.data);
    all.insert(all.end(), numbers, numbers + bucket.count);
  }
  return all;
}

/// Largest difference relative to the largest number.
double off(const std::vector<float>& a, const std::vector<float>& b)
{
  float scale = 0;
  float worst = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    scale = std::max(scale, std::abs(a[i]));
    worst = std::max(worst, std::abs(a[i] - b[i]));
  }
  return static_cast<double>(worst) / static_cast<double>(scale);
}

}  // namespace

TEST_CASE("the average is one rank's gradient of the joined batch, whoever has samples")
{
  const int ranks = test::size_of(MPI_COMM_WORLD);
  const int rank = test::rank_in(MPI_COMM_WORLD);
  auto mine = learner("{ kind = \"sgd\", rate = 0.1 }");
  auto alone = learner("{ kind = \"sgd\", rate = 0.1 }");
  REQUIRE(mine->buckets().size() > 1);
  Gradients gradients{MPI_COMM_WORLD, 30};
  Gradients single{MPI_COMM_SELF, 30};
  for (const int participants : {ranks, (ranks + 1) / 2}) {
    Samples joined{0, 0};
    for (int r = 0; r < participants; ++r) {
      const Samples part{32, r};
      joined.x.insert(joined.x.end(), part.x.begin(), part.x.end());
      joined.y.insert(joined.y.end(), part.y.begin(), part.y.end());
    }
    const Samples part{rank < participants ? 32 : 0, rank};
    const double loss = gradients.average(*mine, part.inputs(), part.targets(), participants);
    const double whole = single.average(*alone, joined.inputs(), joined.targets(), 1);
    CHECK(loss == doctest::Approx(whole).epsilon(1e-6));
    CHECK(off(gradient_of(*alone), gradient_of(*mine)) < 1e-5);
    // A wrong weight would show.
    if (ranks > 1)
      CHECK(off(gradient_of(*alone), std::vector<float>(gradient_of(*mine).size())) > 0.5);
  }
}

TEST_CASE("weights stay the same on all ranks to the last bit")
{
  for (const std::string optimizer :
       {"{ kind = \"adam\", clip = 0.5, schedule = { kind = \"cosine\", steps = 10 } }",
        "{ kind = \"lbfgs\", iterations = 4 }",
        "{ kind = \"sgd\", momentum = 0.9, rate = 1e-2 }"}) {
    CAPTURE(optimizer);
    auto mine = learner(optimizer);
    Gradients gradients{MPI_COMM_WORLD, 30};
    double first = 0;
    double last = 0;
    for (int step = 0; step < 6; ++step) {
      const Samples part{16, 100 * step + test::rank_in(MPI_COMM_WORLD)};
      const auto evaluate = [&] {
        return gradients.average(*mine, part.inputs(), part.targets(),
                                 test::size_of(MPI_COMM_WORLD));
      };
      last = evaluate();
      if (step == 0) first = last;
      mine->step(last, evaluate);
    }
    CHECK(std::isfinite(last));
    CHECK(last < first);
    static_cast<void>(mine->settling_sums({}, {}));
    mine->settle({});
    std::vector<std::byte> state(mine->state_bytes());
    mine->write(state.data());
    std::vector<std::byte> of_first = state;
    MPI_Bcast(of_first.data(), static_cast<int>(of_first.size()), MPI_BYTE, 0, MPI_COMM_WORLD);
    CHECK(state == of_first);
  }
}
