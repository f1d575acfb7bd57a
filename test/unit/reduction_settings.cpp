// What a run file says of a reduction, and what is wrong with it.
#include "couplers/reduction/settings.hpp"

#include <cardan/error.hpp>

#include <doctest/doctest.h>

#include <string>

using cardan::Config;
using namespace cardan::reduction;

namespace {

Settings settings(const std::string& text)
{
  const Config file = Config::from_text(text, "run.toml");
  const auto read = read_settings(file, "gas");
  leave_to_others(file, "gas");
  file.reject_unknown();
  return read;
}

std::string refusal(const std::string& keys)
{
  try {
    static_cast<void>(settings("[reduction.gas]\n" + keys));
  } catch (const std::exception& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("every key has a default")
{
  const auto read = settings("[reduction.gas]\n");
  CHECK(read.block == std::vector<std::int64_t>{8});
  CHECK(read.eps_of(5) == 1e-3);
  CHECK(read.relative);
  CHECK(read.encoder == Encoder::none);
  CHECK_FALSE(read.learned());
  CHECK(read.stride == 1);
  CHECK_FALSE(read.automatic_stride);
  CHECK(read.still == 0);
  CHECK(read.wait_when_full);
  CHECK(read.receivers == 0);
  CHECK(read.receiver.empty());
  CHECK(read.verify);
  CHECK(read.train.warmup == read.train.every);
  CHECK(read.train.first == 5 * read.train.steps);
}

TEST_CASE("every key is read")
{
  const auto read = settings(R"([reduction.gas]
block = [4, 8]
eps = [1e-3, 0]
relative = false
encoder = "conv"
latent = 3
channels = 4
entropy = "zstd"
level = 5
stride = "auto"
still = "auto"
full = "drop"
depth = 2
place = "inside"
receivers = 2
receiver = "mine"
options = { a = 1 }
quantity = "energy"
quantity_error = 1e-4
eps_least = 0.1
cost = 0.1
reservoir = 10
samples = 5
verify = false
[reduction.gas.train]
every = 10
warmup = 20
steps = 30
first = 40
batch = 50
slice = 6
[training.gas]
optimizer = { kind = "adam" }
)");
  CHECK(read.block == std::vector<std::int64_t>{4, 8});
  CHECK(read.eps_of(0) == 1e-3);
  CHECK(read.eps_of(1) == 0);
  CHECK_FALSE(read.relative);
  CHECK(read.encoder == Encoder::conv);
  CHECK(read.learned());
  CHECK(read.latent == 3);
  CHECK(read.channels == 4);
  CHECK(read.codec.level == 5);
  CHECK(read.automatic_stride);
  CHECK(read.automatic_still);
  CHECK(read.still == 1);
  CHECK_FALSE(read.wait_when_full);
  CHECK(read.depth == 2);
  CHECK(read.receivers == 2);
  CHECK(read.receiver == "mine");
  CHECK(read.quantity == "energy");
  CHECK(read.quantity_error == 1e-4);
  CHECK(read.eps_least == 0.1);
  CHECK(read.cost == 0.1);
  CHECK(read.reservoir == 10);
  CHECK(read.samples == 5);
  CHECK_FALSE(read.verify);
  CHECK(read.train.every == 10);
  CHECK(read.train.warmup == 20);
  CHECK(read.train.steps == 30);
  CHECK(read.train.first == 40);
  CHECK(read.train.batch == 50);
  CHECK(read.train.slice == 6);
  CHECK(settings("[reduction.gas]\nstride = 4\nstill = 0.5\n").stride == 4);
  CHECK(settings("[reduction.gas]\nstill = 0.5\n").still == 0.5);
}

TEST_CASE("what cannot be is said, with its line")
{
  const auto says = [](const std::string& keys, const std::string& what) {
    CAPTURE(keys);
    const std::string said = refusal(keys);
    CAPTURE(said);
    CHECK(said.find("run.toml:2") != std::string::npos);
    CHECK(said.find(what) != std::string::npos);
  };
  says("block = []\n", "one to three");
  says("block = [1, 2, 3, 4]\n", "one to three");
  says("block = 0\n", "one to three positive");
  says("eps = -1\n", "not negative");
  says("eps = [1, nan]\n", "finite");
  says("encoder = \"pca\"\n", "encoder");
  says("latent = 0\n", "positive");
  says("level = 20\n", "1 to 19");
  says("stride = 0\n", "positive");
  says("stride = \"atuo\"\n", "auto");
  says("still = 1.5\n", "at most 1");
  says("depth = 65\n", "64");
  says("place = \"near\"\n", "cannot be had yet");
  says("receivers = -1\n", "negative");
  says("quantity_error = 0\n", "positive");
  says("eps_least = 2\n", "at most 1");
  says("cost = 0\n", "positive");
  says("reservoir = 0\n", "positive");
  says("options = { a = 1 }\n", "a receiver's");
  says("strid = 3\n", "stride");
}
