// What is trained here is written as TorchScript: every family and head, alone and as an ensemble.
// Leaves files for check_export.py, and loads them again itself.
#include "support/learners.hpp"

#include <cardan/error.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace cardan::test;
using cardan::Dtype;
using cardan::Features;
using cardan::Signature;

namespace {

constexpr std::size_t count = 24;

struct Trained {
  std::string name;
  std::string model;
  Signature signature;
};

/// Rows of several features of several shapes, as many numbers out as in.
Signature rows(Dtype dtype)
{
  return {{{"state", dtype, {2, 2}}, {"dt", dtype, {}}},
          {{"rate", dtype, {}}, {"next", dtype, {4}}}};
}

/// A function at four places, and two points; three channels of two values.
Signature operators(Dtype dtype)
{
  return {{{"sensors", dtype, {4}}, {"points", dtype, {2, 1}}}, {{"values", dtype, {3, 2}}}};
}

/// Tokens, and what is known of each.
Signature tokens(Dtype dtype)
{
  return {{{"tokens", dtype, {4}}, {"known", dtype, {4, 2}}}, {{"logits", dtype, {3, 4}}}};
}

/// Channels, and a field alone.
Signature images(Dtype dtype, const std::vector<std::int64_t>& size)
{
  std::vector<std::int64_t> channels{2};
  channels.insert(channels.end(), size.begin(), size.end());
  return {{{"velocity", dtype, channels}, {"density", dtype, size}},
          {{"pressure", dtype, size}, {"force", dtype, channels}}};
}

std::vector<Trained> all_trained()
{
  const std::vector<std::string> heads{"plain", "increment", "conserving", "gaussian"};
  const std::vector<std::pair<std::string, std::string>> of_rows{
      {"mlp", "hidden = [16, 12]"},
      {"mlp", "hidden = [8]\nactivation = \"gelu\""},
      {"resnet_mlp", "width = 12\ndepth = 2"},
      {"resnet_mlp", "width = 12\ndepth = 1\nactivation = \"silu\""},
      {"autoencoder", "hidden = [12]\nactivation = \"relu\""},
      {"vae", "hidden = [12]"}};
  const std::vector<std::pair<std::string, std::string>> of_images{
      {"cnn", "channels = [6, 4]"},
      {"cnn", "channels = [6]\npadding = \"circular\"\ncoordinates = true"},
      {"cnn", "channels = [6]\nkernel = 5\npadding = \"reflect\"\nactivation = \"tanh\""},
      {"unet", "width = 4\nlevels = 2"},
      {"unet",
       "width = 4\nlevels = 1\nnorm = \"group\"\npadding = \"circular\"\ncoordinates = true"},
      {"fno", "width = 6\ndepth = 2\nmodes = 3"},
      {"fno", "width = 6\ndepth = 3\ncoordinates = false"}};
  std::vector<Trained> all;
  const auto add = [&](const std::string& kind, const std::string& keys, const std::string& head,
                       int members, const Signature& signature) {
    all.push_back(
        {fmt::format("{}_{}_{}_{}_{}", all.size(), kind, head, members,
                     to_string(signature.outputs[0].dtype)),
         fmt::format("kind = \"{}\"\nhead = \"{}\"\nmembers = {}\n{}", kind, head, members, keys),
         signature});
  };
  for (const Dtype dtype : {Dtype::float32, Dtype::float64})
    for (const int members : {1, 3}) {
      for (const auto& head : heads) {
        for (const auto& [kind, keys] : of_rows) add(kind, keys, head, members, rows(dtype));
        add("deeponet", "branch = [8]\ntrunk = [8]\nwidth = 6\ndimension = 1", head, members,
            operators(dtype));
        add("masked_transformer", "width = 8\ndepth = 1\nheads = 2", head, members, tokens(dtype));
      }
      for (const std::string head : {"plain", "gaussian"})
        for (const auto& [kind, keys] : of_images) {
          add(kind, keys, head, members, images(dtype, {16}));
          add(kind, keys, head, members, images(dtype, {8, 12}));
        }
    }
  add("mlp", "hidden = [8]\nnormalise = false", "plain", 3, rows(Dtype::float64));
  add("autoencoder", "hidden = []\nlatent = 3", "plain", 1, rows(Dtype::float64));
  add("conv_autoencoder", "channels = 3\nlatent = 2", "plain", 2, rows(Dtype::float32));
  add("pooled_cnn", "channels = [4, 6]", "plain", 2, rows(Dtype::float32));
  add("mlp", "hidden = [8]", "gaussian", 1,
      {{{"cell", Dtype::int32, {2}}, {"state", Dtype::float32, {3}}},
       {{"kind", Dtype::int32, {}}, {"rate", Dtype::float64, {2}}}});
  return all;
}

/// Rows whose numbers have means and deviations of all sizes.
Table numbers_of_all_sizes(std::size_t width, unsigned seed)
{
  Table table = normal_rows(count, width, seed);
  for (auto& row : table)
    for (std::size_t i = 0; i < width; ++i)
      row[i] = std::pow(10.0, static_cast<double>(i % 5) - 2) *
               (row[i] + 3 * static_cast<double>(i % 3));
  return table;
}

/// The largest difference, as a share of the largest value of its number in any sample.
double difference(const Table& a, const Table& expected)
{
  double worst = 0;
  for (std::size_t i = 0; i < expected[0].size(); ++i) {
    double largest = 1e-300;
    double off = 0;
    for (std::size_t r = 0; r < expected.size(); ++r) {
      largest = std::max(largest, std::abs(expected[r][i]));
      off = std::max(off, std::abs(a[r][i] - expected[r][i]));
    }
    worst = std::max(worst, std::isfinite(off) ? off / largest : 1e300);
  }
  return worst;
}

void train(cardan::Learner& learner, const cardan::Batch& x, const cardan::Batch& y)
{
  learner.see(x, y);
  learner.normalise(learner.tally());
  for (int step = 0; step < 5; ++step) {
    const auto again = [&] { return learner.differentiate(x, y, 1, [](std::size_t) {}); };
    learner.step(again(), again);
  }
  learner.settle(learner.settling_sums(x, y));
}

void write(const std::string& path, const Table& table)
{
  std::ofstream file{path, std::ios::binary};
  for (const auto& row : table)
    file.write(reinterpret_cast<const char*>(row.data()),
               static_cast<std::streamsize>(row.size() * sizeof(double)));
}

/// `name float32 2 2`, a line for each feature.
std::string lines(const std::string& kind, const Features& features)
{
  std::string text;
  for (const auto& feature : features)
    text += fmt::format("{} {} {}\n", kind, cardan::to_string(feature.dtype),
                        fmt::join(feature.shape, " "));
  return text;
}

}  // namespace

TEST_CASE("what every family and head has learned, written and loaded again, answers the same")
{
  const char* folder = std::getenv("CARDAN_TEST_CASES");
  REQUIRE(folder != nullptr);
  double worst = 0;
  unsigned seed = 0;
  for (const auto& each : all_trained()) {
    CAPTURE(each.name);
    const std::string own = fmt::format("{}/{}/", folder, each.name);
    std::filesystem::create_directory(own);
    const Signature& signature = each.signature;
    const auto in = static_cast<std::size_t>(cardan::numbers_of(signature.inputs));
    const auto out = static_cast<std::size_t>(cardan::numbers_of(signature.outputs));
    const Columns x(signature.inputs, numbers_of_all_sizes(in, ++seed));
    const Columns y(signature.outputs, numbers_of_all_sizes(out, ++seed));
    const auto learner = cardan::test::learner(each.model, signature);
    train(*learner, x.batch(), y.batch());
    learner->save(own + "learner.pt");

    // A model that was given the state writes the same.
    const auto model = cardan::test::model(each.model, signature);
    std::vector<std::byte> state(learner->state_bytes());
    learner->write(state.data());
    model->read(state.data());
    model->save(own + "model.pt");
    CHECK_FALSE(std::filesystem::exists(own + "model.pt.part"));

    const Table asked = Columns(signature.inputs, numbers_of_all_sizes(in, ++seed)).rows();
    const Answer expected = ask(*learner, signature, asked);
    for (const std::string file : {"learner.pt", "model.pt"}) {
      const auto loaded = cardan::test::model(fmt::format("file = \"{}{}\"", own, file), signature);
      CHECK(loaded->ready());
      const double off = difference(ask(*loaded, signature, asked).values, expected.values);
      CHECK(off <= 1e-6);
      worst = std::max(worst, off);
    }
    write(own + "x.bin", asked);
    write(own + "y.bin", expected.values);
    if (model->has_spread()) write(own + "spread.bin", expected.spread);
    std::ofstream{own + "signature"} << lines("input", signature.inputs)
                                     << lines("output", signature.outputs);
  }
  MESSAGE("largest difference of what Cardan loads again: " << worst);
}

TEST_CASE("what is exported can be trained further")
{
  const std::string folder = std::getenv("CARDAN_TEST_CASES");
  const Signature signature = images(Dtype::float32, {16});
  const auto in = static_cast<std::size_t>(cardan::numbers_of(signature.inputs));
  const Columns x(signature.inputs, normal_rows(count, in, 1));
  const Columns y(signature.outputs, normal_rows(count, in, 2));
  const auto learner = cardan::test::learner("kind = \"fno\"\nmodes = 3\nwidth = 6", signature);
  train(*learner, x.batch(), y.batch());
  learner->save(folder + "/further.pt");
  const auto further =
      cardan::test::learner(fmt::format("file = \"{}/further.pt\"", folder), signature);
  const double before = further->validate(x.batch(), y.batch());
  train(*further, x.batch(), y.batch());
  CHECK(further->validate(x.batch(), y.batch()) < before);
}

TEST_CASE("a file that cannot be written, and models without a file")
{
  const Signature signature{features("x", 3), features("y", 3)};
  const auto message = [&](const std::string& text) {
    const auto model = cardan::test::model(text, signature);
    try {
      model->save("/nowhere/at/all.pt");
    } catch (const cardan::Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  CHECK(message("kind = \"mlp\"").rfind("cannot write the model to /nowhere/at/all.pt", 0) == 0);
  for (const std::string kind : {"pod", "knn", "linear"})
    CHECK(message(fmt::format("kind = \"{}\"", kind)) ==
          "cannot write /nowhere/at/all.pt (a pod, knn or linear model is no network, and has no "
          "file). A checkpoint holds its state; networks (kind = \"mlp\", say) can be saved.");
}
