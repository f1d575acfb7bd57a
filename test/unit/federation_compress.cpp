// Updates in fewer bytes, and what is made of updates.
#include "couplers/federation/aggregate.hpp"
#include "couplers/federation/compress.hpp"

#include <cardan/error.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <random>
#include <vector>

using namespace cardan::federation;
using cardan::Dtype;
using Kind = CompressSettings::Kind;

namespace {

std::vector<double> numbers(std::size_t count, unsigned seed)
{
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  std::vector<double> all(count);
  for (auto& number : all) number = normal(random);
  return all;
}

std::vector<double> there_and_back(const Codec& codec, const std::vector<double>& update)
{
  std::vector<std::byte> bytes(codec.bytes());
  codec.encode(update, bytes);
  std::vector<double> back(update.size(), 99.0);
  codec.decode(bytes, back);
  return back;
}

}  // namespace

TEST_CASE("an uncompressed update is what it is, in its dtype")
{
  const auto update = numbers(101, 1);
  const Codec wide{{}, 101, Dtype::float64};
  CHECK(wide.bytes() == 808);
  CHECK(there_and_back(wide, update) == update);
  const Codec slim{{}, 101, Dtype::float32};
  CHECK(slim.bytes() == 404);
  const auto back = there_and_back(slim, update);
  for (std::size_t i = 0; i < update.size(); ++i)
    CHECK(back[i] == static_cast<double>(static_cast<float>(update[i])));
}

TEST_CASE("the largest numbers of an update, and nothing else")
{
  for (const double share : {0.01, 0.1, 0.37, 1.0}) {
    CAPTURE(share);
    const auto update = numbers(101, 2);
    const Codec codec{{Kind::top_k, share, 8}, 101, Dtype::float64};
    const auto kept = static_cast<std::size_t>(std::ceil(share * 101));
    CHECK(codec.bytes() == kept * 12);
    const auto back = there_and_back(codec, update);
    std::size_t sent = 0;
    double smallest = 1e9;
    double largest = 0;
    for (std::size_t i = 0; i < update.size(); ++i) {
      if (back[i] != 0) {
        ++sent;
        CHECK(back[i] == update[i]);
        smallest = std::min(smallest, std::abs(update[i]));
      } else {
        largest = std::max(largest, std::abs(update[i]));
      }
    }
    CHECK(sent == kept);
    CHECK(largest <= smallest);
  }
  // Of equal ones the first.
  const Codec codec{{Kind::top_k, 0.5, 8}, 4, Dtype::float32};
  CHECK(there_and_back(codec, {1, -1, 1, -1}) == std::vector<double>{1, -1, 0, 0});
}

TEST_CASE("few bits for each number, to half a level")
{
  for (int bits = 2; bits <= 16; ++bits) {
    CAPTURE(bits);
    auto update = numbers(37, 3);
    const Codec codec{{Kind::quantise, 0.1, bits}, 37, Dtype::float32};
    CHECK(codec.bytes() == 8 + static_cast<std::size_t>((37 * bits + 7) / 8));
    double scale = 0;
    for (const double number : update) scale = std::max(scale, std::abs(number));
    const double level = scale / (std::pow(2.0, bits - 1) - 1);
    const auto back = there_and_back(codec, update);
    for (std::size_t i = 0; i < update.size(); ++i)
      CHECK(std::abs(back[i] - update[i]) <= level / 2 * (1 + 1e-12));
    CHECK(there_and_back(codec, std::vector<double>(37, 0.0)) == std::vector<double>(37, 0.0));
  }
}

TEST_CASE("what is left out of an update comes with later ones")
{
  for (const auto& settings :
       {CompressSettings{Kind::top_k, 0.1, 8}, CompressSettings{Kind::quantise, 0.1, 2}}) {
    const Codec codec{settings, 50, Dtype::float32};
    Feedback feedback{codec};
    std::vector<std::byte> bytes(codec.bytes());
    std::vector<double> sent(50);
    std::vector<double> wanted(50, 0.0);
    std::vector<double> came(50, 0.0);
    for (unsigned round = 0; round < 200; ++round) {
      const auto update = numbers(50, 100 + round);
      feedback.encode(update, bytes);
      codec.decode(bytes, sent);
      for (std::size_t i = 0; i < 50; ++i) {
        wanted[i] += update[i];
        came[i] += sent[i];
      }
    }
    // Nothing is lost: what did not come is what is left, and that does not grow with the rounds.
    for (std::size_t i = 0; i < 50; ++i) {
      CHECK(wanted[i] - came[i] == doctest::Approx(feedback.left_out()[i]).epsilon(1e-9));
      CHECK(std::abs(feedback.left_out()[i]) < 40);
    }
  }
}

TEST_CASE("bytes that are no update are refused")
{
  const Codec codec{{Kind::top_k, 0.5, 8}, 4, Dtype::float32};
  std::vector<double> update(4);
  std::vector<std::byte> bytes(codec.bytes(), std::byte{0xff});
  CHECK_THROWS_AS(codec.decode(bytes, update), cardan::Error);
  bytes.resize(3);
  CHECK_THROWS_AS(codec.decode(bytes, update), cardan::Error);
}

TEST_CASE("averages and mixtures")
{
  std::vector<double> global{1, 2};
  std::vector<Update> updates{{{4, 0}, 1}, {{0, 8}, 3}};
  average(global, updates);
  CHECK(global == std::vector<double>{2, 8});
  average(global, std::vector<Update>{});
  average(global, std::vector<Update>{{{5, 5}, 0}});
  CHECK(global == std::vector<double>{2, 8});
  blend(global, std::vector<double>{10, 0}, std::vector<double>{2, 0}, 0.5);
  CHECK(global == std::vector<double>{7, 4});
}

TEST_CASE("what an update counts falls with its age")
{
  using Fall = StalenessSettings::Kind;
  const StalenessSettings constant{Fall::constant, 0.6, 0, 0};
  const StalenessSettings polynomial{Fall::polynomial, 0.6, 0.5, 0};
  const StalenessSettings hinge{Fall::hinge, 0.9, 10, 4};
  CHECK(constant.weight(9) == 0.6);
  CHECK(polynomial.weight(0) == 0.6);
  CHECK(polynomial.weight(3) == doctest::Approx(0.3));
  CHECK(hinge.weight(4) == 0.9);
  CHECK(hinge.weight(5) == doctest::Approx(0.9 / 11));
}
