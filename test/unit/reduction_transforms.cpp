// Encoders and decoders, and what they become as bytes.
#include "couplers/reduction/conv.hpp"
#include "couplers/reduction/hash.hpp"
#include "couplers/reduction/transform.hpp"
#include "support/reduction_case.hpp"

#include <cardan/error.hpp>

#include <doctest/doctest.h>

#include <cstring>
#include <random>

using namespace cardan::reduction;

namespace {

std::vector<double> normal(std::int64_t count, unsigned seed)
{
  std::mt19937_64 random(seed);
  std::normal_distribution<double> one;
  std::vector<double> all(static_cast<std::size_t>(count));
  for (double& x : all) x = one(random);
  return all;
}

/// What a transform makes of blocks: their latents, and the blocks again.
std::vector<double> both(const Transform& transform, const std::vector<double>& blocks)
{
  const auto count = static_cast<std::int64_t>(blocks.size()) / transform.numbers();
  std::vector<double> latents(static_cast<std::size_t>(count * transform.latent()));
  std::vector<double> back(blocks.size());
  transform.encode(blocks.data(), count, latents.data());
  transform.decode(latents.data(), count, back.data());
  latents.insert(latents.end(), back.begin(), back.end());
  return latents;
}

bool same(const std::vector<double>& a, const std::vector<double>& b)
{
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0;
}

std::unique_ptr<Transform> random_linear(std::int64_t numbers, std::int64_t latent)
{
  return linear_transform(normal(numbers, 1), normal(numbers * latent, 2),
                          normal(numbers * latent, 3));
}

/// Of a block of 3 x 4 numbers, in patches of 1 x 2.
ConvNetwork small_conv()
{
  ConvNetwork n;
  n.patch = 2;
  n.features = 3;
  n.latent = 5;
  n.order = {0, 1, 2, 3, 4, 5, 6, 7, 11, 10, 9, 8};
  n.mean_in = normal(12, 11);
  n.mean_out = normal(12, 12);
  n.deviation_in = std::vector<double>(12, 2);
  n.deviation_out = normal(12, 13);
  n.patch_in = normal(2 * 3, 14);
  n.patch_in_bias = normal(3, 15);
  n.to_latent = normal(18 * 5, 16);
  n.to_latent_bias = normal(5, 17);
  n.bypass_in = normal(12 * 5, 18);
  n.from_latent = normal(5 * 18, 19);
  n.from_latent_bias = normal(18, 20);
  n.patch_out = normal(3 * 2, 21);
  n.patch_out_bias = normal(2, 22);
  n.bypass_out = normal(5 * 12, 23);
  return n;
}

/// y = x * matrix + bias.
std::vector<double> dense(const std::vector<double>& x, const std::vector<double>& matrix,
                          std::vector<double> y)
{
  for (std::size_t o = 0; o < y.size(); ++o)
    for (std::size_t i = 0; i < x.size(); ++i) y[o] += x[i] * matrix[i * y.size() + o];
  return y;
}

}  // namespace

TEST_CASE("a convolutional transform is what its layers say")
{
  const ConvNetwork n = small_conv();
  const auto transform = conv_transform(n);
  const auto x = normal(12, 4);
  const auto made = both(*transform, x);
  const auto leak = [](double v) { return v > 0 ? v : 0.01 * v; };
  std::vector<double> scaled;
  for (std::size_t i = 0; i < 12; ++i) scaled.push_back((x[i] - n.mean_in[i]) / 2);
  std::vector<double> hidden;
  for (std::size_t p = 0; p < 6; ++p)
    for (const double h : dense({scaled[static_cast<std::size_t>(n.order[2 * p])],
                                 scaled[static_cast<std::size_t>(n.order[2 * p + 1])]},
                                n.patch_in, n.patch_in_bias))
      hidden.push_back(leak(h));
  const auto z = dense(scaled, n.bypass_in, dense(hidden, n.to_latent, n.to_latent_bias));
  for (std::size_t k = 0; k < 5; ++k) CHECK(made[k] == doctest::Approx(z[k]));
  const auto wide = dense(z, n.from_latent, n.from_latent_bias);
  auto y = dense(z, n.bypass_out, std::vector<double>(12));
  for (std::size_t p = 0; p < 6; ++p) {
    const auto patch = dense({leak(wide[3 * p]), leak(wide[3 * p + 1]), leak(wide[3 * p + 2])},
                             n.patch_out, n.patch_out_bias);
    for (std::size_t j = 0; j < 2; ++j) y[static_cast<std::size_t>(n.order[2 * p + j])] += patch[j];
  }
  for (std::size_t i = 0; i < 12; ++i)
    CHECK(made[5 + i] == doctest::Approx(n.mean_out[i] + n.deviation_out[i] * y[i]));
  CHECK(transform->weights().size() == 5);
  for (const double weight : transform->weights()) CHECK(weight > 0);
}

TEST_CASE("layers that do not fit are refused")
{
  const auto refused = [](auto&& change) {
    ConvNetwork n = small_conv();
    change(n);
    CHECK_THROWS_AS(conv_transform(n), cardan::Error);
  };
  refused([](ConvNetwork& n) { n.order[3] = 2; });
  refused([](ConvNetwork& n) { n.order[3] = 12; });
  refused([](ConvNetwork& n) { n.patch = 5; });
  refused([](ConvNetwork& n) { n.latent = 4; });
  refused([](ConvNetwork& n) { n.bypass_out.pop_back(); });
  refused([](ConvNetwork& n) { n.mean_out.pop_back(); });
}

TEST_CASE("a linear transform is what its matrices say")
{
  for (const std::int64_t numbers : {1, 3, 8, 17, 64})
    for (const std::int64_t latent : {1, 3, 8, 11}) {
      const auto mean = normal(numbers, 1);
      const auto encoder = normal(numbers * latent, 2);
      const auto decoder = normal(numbers * latent, 3);
      const auto x = normal(numbers * 5, 4);
      const auto made = both(*random_linear(numbers, latent), x);
      for (std::int64_t b = 0; b < 5; ++b) {
        std::vector<double> z(static_cast<std::size_t>(latent));
        for (std::int64_t k = 0; k < latent; ++k) {
          for (std::int64_t n = 0; n < numbers; ++n)
            z[static_cast<std::size_t>(k)] +=
                (x[static_cast<std::size_t>(b * numbers + n)] - mean[static_cast<std::size_t>(n)]) *
                encoder[static_cast<std::size_t>(n * latent + k)];
          CHECK(made[static_cast<std::size_t>(b * latent + k)] ==
                doctest::Approx(z[static_cast<std::size_t>(k)]));
        }
        for (std::int64_t n = 0; n < numbers; ++n) {
          double y = mean[static_cast<std::size_t>(n)];
          for (std::int64_t k = 0; k < latent; ++k)
            y += made[static_cast<std::size_t>(b * latent + k)] *
                 decoder[static_cast<std::size_t>(k * numbers + n)];
          CHECK(made[static_cast<std::size_t>(5 * latent + b * numbers + n)] == y);
        }
      }
    }
}

TEST_CASE("a block's numbers do not depend on how many come with it")
{
  const auto transform = random_linear(19, 5);
  const auto x = normal(19 * 9, 4);
  const auto all = both(*transform, x);
  for (std::ptrdiff_t b = 0; b < 9; ++b) {
    const auto one = both(*transform, {x.begin() + 19 * b, x.begin() + 19 * (b + 1)});
    CHECK(std::memcmp(one.data(), all.data() + 5 * b, 5 * sizeof(double)) == 0);
    CHECK(std::memcmp(one.data() + 5, all.data() + 45 + 19 * b, 19 * sizeof(double)) == 0);
  }
}

TEST_CASE("weights say how much a latent number moves a block")
{
  const auto transform =
      linear_transform({0, 0, 0, 0}, std::vector<double>(8), {1, 1, 1, 1, 6, 0, 0, 0});
  CHECK(transform->weights() == std::vector<double>{1, 3});
}

TEST_CASE("transforms come back from their bytes, bit by bit")
{
  std::vector<std::unique_ptr<Transform>> all;
  all.push_back(no_transform(12));
  all.push_back(random_linear(12, 5));
  all.push_back(linear_transform(std::vector<double>(12), {}, {}));
  all.push_back(conv_transform(small_conv()));
  for (const auto& transform : all) {
    const auto bytes = transform->bytes();
    const auto again = read_transform(bytes);
    CHECK(std::string(again->kind()) == transform->kind());
    CHECK(again->numbers() == 12);
    CHECK(again->latent() == transform->latent());
    CHECK(again->bytes() == bytes);
    const auto x = normal(36, 9);
    CHECK(same(both(*again, x), both(*transform, x)));
    for (std::size_t length = 0; length < bytes.size(); ++length)
      CHECK_THROWS_AS(read_transform(std::span(bytes).first(length)), cardan::Error);
    auto longer = bytes;
    longer.push_back(std::byte{0});
    CHECK_THROWS_AS(read_transform(longer), cardan::Error);
    std::mt19937_64 random(5);
    for (int trial = 0; trial < 300; ++trial) {
      auto damaged = bytes;
      damaged[random() % std::min<std::size_t>(24, bytes.size())] =
          static_cast<std::byte>(random());
      try {
        static_cast<void>(read_transform(damaged));
      } catch (const cardan::Error&) {
        // Thrown, not broken.
      }
    }
  }
}

TEST_CASE("matrices that do not fit are refused")
{
  CHECK_THROWS_AS(linear_transform({1, 2, 3}, {1, 2, 3}, {1, 2, 3, 4}), cardan::Error);
  CHECK_THROWS_AS(linear_transform({1, 2, 3}, {1, 2}, {1, 2}), cardan::Error);
  CHECK_THROWS_AS(linear_transform({}, {}, {}), cardan::Error);
  CHECK_THROWS_AS(no_transform(0), cardan::Error);
}

TEST_CASE("the checksum is XXH64")
{
  // Of nothing, and of five doubles' bytes: zstd has the lower half of it behind their frame.
  CHECK(hash(nullptr, 0) == 0xEF46DB3751D8E999);
  const std::vector<double> numbers{1, 2, 3, 4, 5};
  CHECK(hash(numbers.data(), 5) == 0x35D3764B719F2CD6);
}
