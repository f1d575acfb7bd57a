// Autoencoders that Torch trained, as the codec runs them: the same numbers, and as good as they
// can be.
#include "couplers/reduction/learned.hpp"
#include "couplers/reduction/truncated_svd.hpp"
#include "support/learners.hpp"

#include <cardan/error.hpp>

#include <doctest/doctest.h>

#include <mpi.h>

#include <cmath>
#include <string>
#include <vector>

using namespace cardan;
using namespace cardan::reduction;
using cardan::test::Table;

namespace {

constexpr std::int64_t width = 32;

/// Correlated blocks of 2 x 4 x 4: a few waves whose sizes fall off, and noise.
Table blocks(std::size_t count, unsigned seed)
{
  const Table drawn = cardan::test::normal_rows(count, 10, seed);
  const Table noise = cardan::test::normal_rows(count, width, seed + 100);
  Table rows;
  for (std::size_t r = 0; r < count; ++r) {
    std::vector<double> row;
    for (std::size_t i = 0; i < width; ++i) {
      const double x = static_cast<double>(i % 4);
      const double y = static_cast<double>(i / 4 % 4);
      const double c = static_cast<double>(i / 16);
      double sum = 5 + c + 0.05 * noise[r][i];
      for (std::size_t k = 0; k < 5; ++k) {
        const double phase = 0.35 * static_cast<double>(k + 1) * (x + 0.7 * y) + 1.1 * c;
        const double size = std::pow(0.55, static_cast<double>(k));
        sum += size * (drawn[r][2 * k] * std::cos(phase) + drawn[r][2 * k + 1] * std::sin(phase));
      }
      row.push_back(sum);
    }
    rows.push_back(row);
  }
  return rows;
}

std::vector<double> flat(const Table& rows)
{
  std::vector<double> all;
  for (const auto& row : rows) all.insert(all.end(), row.begin(), row.end());
  return all;
}

std::vector<double> decoded(const Transform& transform, const std::vector<double>& x)
{
  const auto count = static_cast<std::int64_t>(x.size()) / transform.numbers();
  std::vector<double> latents(static_cast<std::size_t>(count * transform.latent()));
  std::vector<double> y(x.size());
  transform.encode(x.data(), count, latents.data());
  transform.decode(latents.data(), count, y.data());
  return y;
}

double distance(const std::vector<double>& x, const std::vector<double>& y)
{
  double squares = 0;
  for (std::size_t i = 0; i < x.size(); ++i) squares += (x[i] - y[i]) * (x[i] - y[i]);
  return std::sqrt(squares);
}

/// A learner that saw these rows, and then made so many steps on all of them.
std::unique_ptr<Learner> trained(const std::string& model, const std::string& training,
                                 const Table& rows, int steps)
{
  const Config file =
      Config::from_text("[model]\n" + model + "\n[training]\n" + training + "\n", "test.toml");
  auto learner =
      module_for(file.table("model"))
          .learner(file.table("model"), file.table("training"), block_signature(width), {7, 0, 1});
  file.reject_unknown();
  const cardan::test::Columns x(block_signature(width).inputs, rows);
  learner->see(x.batch(), x.batch());
  learner->normalise(learner->tally());
  const auto differentiate = [&] {
    return learner->differentiate(x.batch(), x.batch(), 1, [](std::size_t) {});
  };
  for (int step = 0; step < steps; ++step) {
    const double loss = differentiate();
    learner->step(loss, differentiate);
  }
  learner->settle(learner->settling_sums(x.batch(), x.batch()));
  return learner;
}

const std::string lbfgs = "optimizer = { kind = \"lbfgs\", average = 0 }";
const std::string conv =
    "kind = \"conv_autoencoder\"\nblock = [2, 4, 4]\npatch = [2, 2, 2]\n"
    "channels = 6\nlatent = 4";

/// What the learner itself answers, against its transform: it computes with floats.
void check_same(Learner& learner, const Table& rows)
{
  const auto transform = transform_of(learner);
  const auto again = read_transform(transform->bytes());
  const auto x = flat(rows);
  const auto y = decoded(*transform, x);
  CHECK(decoded(*again, x) == y);
  const auto answered = flat(cardan::test::ask(learner, block_signature(width), rows).values);
  CHECK(distance(answered, y) < 1e-5 * distance(y, std::vector<double>(y.size())));
  // The encoder too, but for where it begins.
  const std::size_t count = rows.size();
  const auto latent = static_cast<std::size_t>(transform->latent());
  std::vector<double> latents(count * latent);
  transform->encode(x.data(), static_cast<std::int64_t>(count), latents.data());
  std::vector<double> embedded(latents.size());
  const cardan::test::Columns columns(block_signature(width).inputs, rows);
  REQUIRE(learner.embedding() == transform->latent());
  learner.embed(columns.batch(), embedded.data());
  for (std::size_t i = latent; i < latents.size(); ++i)
    CHECK(latents[i] - latents[i % latent] ==
          doctest::Approx(embedded[i] - embedded[i % latent]).epsilon(1e-3));
}

}  // namespace

TEST_CASE("a linear autoencoder comes within five per cent of the singular vectors")
{
  const Table rows = blocks(1500, 1);
  const auto x = flat(rows);
  const auto svd = truncated_svd(MPI_COMM_SELF, x.data(), 1500, width, 4);
  const std::string model = "kind = \"autoencoder\"\nhidden = []\nlatent = 4";
  const auto by_lbfgs = trained(model, lbfgs, rows, 12);
  const auto by_adam = trained(
      model,
      "optimizer = { kind = \"adam\", rate = 2e-2, schedule = { kind = \"cosine\", steps = 600 } }",
      rows, 600);
  for (Learner* learner : {by_lbfgs.get(), by_adam.get()}) {
    const double error = distance(x, decoded(*transform_of(*learner), x));
    MESSAGE("error " << error << ", the best there is " << svd.tail(4));
    CHECK(error < 1.05 * svd.tail(4));
    CHECK(error > 0.9999 * svd.tail(4));
    check_same(*learner, blocks(20, 9));
  }
  // Untrained it does not.
  const auto fresh = trained(model, lbfgs, rows, 0);
  CHECK(distance(x, decoded(*transform_of(*fresh), x)) > 1.5 * svd.tail(4));
}

TEST_CASE("a convolutional autoencoder is what was trained")
{
  const Table rows = blocks(400, 2);
  const auto learner = trained(conv, lbfgs, rows, 4);
  check_same(*learner, blocks(20, 9));
  CHECK(std::string(transform_of(*learner)->kind()) == "conv");
  const auto x = flat(rows);
  const auto svd = truncated_svd(MPI_COMM_SELF, x.data(), 400, width, 4);
  const double error = distance(x, decoded(*transform_of(*learner), x));
  MESSAGE("error " << error << ", of singular vectors " << svd.tail(4));
  CHECK(error < 1.5 * svd.tail(4));
}

TEST_CASE("what has no transform is refused")
{
  const Table rows = blocks(20, 3);
  const auto refused = [&](const std::string& model, const std::string& why) {
    const auto learner = trained(model, lbfgs, rows, 0);
    CHECK_THROWS_WITH_AS(transform_of(*learner), doctest::Contains(why.c_str()), cardan::Error);
  };
  refused("kind = \"autoencoder\"\nhidden = [8]\nlatent = 2", "hidden layers");
  refused("kind = \"autoencoder\"\nhidden = []\nlatent = 2\nmembers = 2", "other names");
  refused("kind = \"mlp\"\nhidden = [8]", "other names");
  const auto wrong = [&](const std::string& keys, const std::string& why) {
    CHECK_THROWS_WITH_AS(trained("kind = \"conv_autoencoder\"\n" + keys, lbfgs, rows, 0),
                         doctest::Contains(why.c_str()), cardan::Error);
  };
  wrong("block = [2, 4, 5]", "test.toml:3: block = [ 2, 4, 5 ] (a sample has 32 numbers)");
  wrong("block = [2, 4, 4]\npatch = [2, 3, 2]", "must divide a block of 2 x 4 x 4 numbers");
  wrong("block = [2, 4, 4]\npatch = [2, 2]", "must divide");
  wrong("block = [2, 4, 4]\nlatent = 0", "must be at least 1");
}
