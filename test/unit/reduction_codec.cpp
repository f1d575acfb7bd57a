// What is packed comes back within its bound, number by number, whatever the numbers are.
#include "couplers/reduction/codec.hpp"
#include "support/reduction_case.hpp"

#include <cardan/error.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cstring>

using cardan::ReductionField;
using namespace cardan::reduction;
using namespace test;

namespace {

struct Case {
  ReductionField field;
  std::vector<std::int64_t> edges;
};

std::vector<Case> cases(Dtype dtype)
{
  return {{{"line", dtype, {257}, false, {}}, {16}},
          {{"plane", dtype, {31, 45}, false, {}}, {8, 8}},
          {{"species", dtype, {2, 24, 33}, true, {}}, {8, 8}},
          {{"box", dtype, {7, 9, 11}, false, {}}, {4, 4, 4}},
          {{"one", dtype, {1}, false, {}}, {8}}};
}

std::uint64_t bits(double x)
{
  return std::bit_cast<std::uint64_t>(x);
}

/// Both ends, and what was between them.
struct Ends {
  explicit Ends(const Case& c, const CodecSettings& settings = {})
      : packer(c.field, c.edges, settings), unpacker(c.field, c.edges), bytes(packer.most_bytes())
  {}
  Packed send(const std::vector<double>& values, double eps, double still, bool full,
              const Transform& transform)
  {
    const Packed packed = packer.pack(values.data(), eps, still, full, transform, bytes);
    REQUIRE(packed.bytes <= bytes.size());
    checksum = unpacker.unpack(std::span(bytes).first(packed.bytes), transform);
    CHECK(checksum == packed.checksum);
    return packed;
  }
  Packer packer;
  Unpacker unpacker;
  std::vector<std::byte> bytes;
  std::uint64_t checksum = 0;
};

/// The largest |x - x'|, having checked it against the bound, and what is no number bit by bit.
double check(const std::vector<double>& x, const std::vector<double>& y, double eps)
{
  REQUIRE(x.size() == y.size());
  double most = 0;
  std::int64_t wrong = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double error = std::abs(x[i] - y[i]);
    const bool same = bits(x[i]) == bits(y[i]);
    if (!same && (eps == 0 || !(error <= eps))) ++wrong;
    if (error > most) most = error;
  }
  CHECK(wrong == 0);
  return most;
}

std::vector<std::unique_ptr<Transform>> transforms(std::int64_t numbers)
{
  std::vector<std::unique_ptr<Transform>> all;
  all.push_back(no_transform(numbers));
  all.push_back(cosines(numbers, std::min<std::int64_t>(8, numbers)));
  // One that foretells nothing, and overflows.
  all.push_back(
      linear_transform(std::vector<double>(static_cast<std::size_t>(numbers), 1e10),
                       std::vector<double>(static_cast<std::size_t>(numbers * 3), 1e150),
                       std::vector<double>(static_cast<std::size_t>(numbers * 3), 1e160)));
  return all;
}

}  // namespace

TEST_CASE("every number comes back within the bound")
{
  for (const Dtype dtype : {Dtype::float32, Dtype::float64})
    for (const Case& c : cases(dtype))
      for (const Kind kind : all_kinds) {
        const auto values = numbers(c.field, kind);
        const auto all = transforms(Blocking(c.field, c.edges).numbers());
        for (const auto& transform : all)
          for (const double relative : {1e-1, 1e-3, 1e-6, 1e-9, 1e-12, 0.0})
            for (const bool fall_back : {true, false}) {
              CAPTURE(c.field.name);
              CAPTURE(static_cast<int>(kind));
              CAPTURE(std::string(transform->kind()));
              CAPTURE(relative);
              const double eps = relative * range(values);
              Ends ends(c, {1, fall_back});
              const Packed packed = ends.send(values, eps, 0, true, *transform);
              const double most = check(values, ends.unpacker.values(), eps);
              CHECK(packed.max_error == most);
              CHECK(packed.sent == packed.blocks);
            }
      }
}

TEST_CASE("smooth fields take few bytes")
{
  const Case c{{"plane", Dtype::float64, {128, 128}, false, {}}, {8, 8}};
  const auto values = numbers(c.field, Kind::smooth);
  const auto none = no_transform(64);
  Ends ends(c);
  const std::size_t rough = ends.send(values, 1e-2, 0, true, *none).bytes;
  const std::size_t fine = ends.send(values, 1e-8, 0, true, *none).bytes;
  CHECK(rough * 30 < values.size() * 8);
  CHECK(rough < fine);
  CHECK(fine * 2 < values.size() * 8);
}

TEST_CASE("blocks that changed little stay, and the bound holds against what is there now")
{
  const Case c{{"species", Dtype::float64, {2, 40, 44}, true, {}}, {8, 8}};
  const auto all = transforms(128);
  for (const auto& transform : all)
    for (const double eps : {1e-3, 1e-7, 0.0}) {
      Ends ends(c);
      auto values = numbers(c.field, Kind::smooth);
      values[3] = std::numeric_limits<double>::quiet_NaN();
      CHECK(ends.send(values, eps, 0.5, false, *transform).sent == 30);
      std::int64_t left_out = 0;
      for (int step = 1; step < 12; ++step) {
        // A corner moves, and all of it a little.
        for (std::size_t i = 0; i < values.size(); ++i)
          values[i] += i % 44 < 9 ? 1e-2 : (eps > 0 ? 0.2 * eps : 0.0);
        const auto& with = *all[static_cast<std::size_t>(step) % all.size()];
        const double still = step % 4 == 3 ? 7.0 : 0.25;
        const Packed packed = ends.send(values, eps, still, false, with);
        left_out += packed.blocks - packed.sent;
        CHECK(packed.max_error == check(values, ends.unpacker.values(), eps));
        CHECK(packed.sent >= 5);
      }
      CHECK(left_out > 50);
      const Packed packed = ends.send(values, eps, 0.5, true, *transform);
      CHECK(packed.sent == packed.blocks);
    }
}

TEST_CASE("what is random at the bit takes no more than it has")
{
  const Case c{{"plane", Dtype::float64, {31, 45}, false, {}}, {8, 8}};
  std::mt19937_64 random(3);
  std::vector<double> values(31 * 45);
  for (double& x : values) x = std::bit_cast<double>(random());
  for (const double eps : {0.0, 1e-300, 1.0, 1e300}) {
    Ends ends(c);
    ends.send(values, eps, 0, true, *cosines(64, 8));
    check(values, ends.unpacker.values(), eps);
  }
}

TEST_CASE("damaged bytes throw, or are known by their checksum, and never break anything")
{
  const Case c{{"plane", Dtype::float32, {31, 45}, false, {}}, {8, 8}};
  std::mt19937_64 random(7);
  const auto transform = cosines(64, 8);
  std::int64_t thrown = 0;
  std::int64_t other = 0;
  std::int64_t same = 0;
  for (const Kind kind : {Kind::smooth, Kind::holes, Kind::rough})
    for (const double eps : {1e-2, 1e-9, 0.0}) {
      const auto values = numbers(c.field, kind);
      Packer packer(c.field, c.edges, {});
      std::vector<std::byte> good(packer.most_bytes());
      const Packed packed = packer.pack(values.data(), eps, 0, true, *transform, good);
      good.resize(packed.bytes);
      for (int trial = 0; trial < 400; ++trial) {
        auto bytes = good;
        const auto kind_of_damage = random() % 4;
        const auto place =
            trial < 40 ? static_cast<std::size_t>(trial) % bytes.size() : random() % bytes.size();
        if (kind_of_damage == 0)
          bytes.resize(place);
        else if (kind_of_damage == 1)
          bytes[place] = static_cast<std::byte>(random());
        else if (kind_of_damage == 2)
          bytes[place] ^= static_cast<std::byte>(1U << random() % 8);
        else
          for (std::size_t i = place; i < std::min(bytes.size(), place + 9); ++i)
            bytes[i] = std::byte{0xff};
        Unpacker unpacker(c.field, c.edges);
        try {
          const auto checksum = unpacker.unpack(bytes, *transform);
          ++(checksum == packed.checksum ? same : other);
          if (checksum == packed.checksum) check(values, unpacker.values(), eps);
        } catch (const cardan::Error&) {
          ++thrown;
        }
      }
    }
  CHECK(thrown > 1000);
  CHECK(other > 10);
  CHECK(thrown + other > 20 * same);
}

TEST_CASE("what cannot be packed is refused")
{
  const Case c{{"plane", Dtype::float64, {16, 16}, false, {}}, {8, 8}};
  const auto values = numbers(c.field, Kind::random);
  Packer packer(c.field, c.edges, {});
  std::vector<std::byte> bytes(packer.most_bytes());
  const auto fits = no_transform(64);
  CHECK_THROWS_WITH_AS(packer.pack(values.data(), 0.1, 0, true, *no_transform(63), bytes),
                       doctest::Contains("its blocks have 64 numbers, and the encoder reads 63"),
                       cardan::Error);
  for (const double eps :
       {-1.0, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()})
    CHECK_THROWS_AS(packer.pack(values.data(), eps, 0, true, *fits, bytes), cardan::Error);
  CHECK_THROWS_WITH_AS(packer.pack(values.data(), 1e-9, 0, true, *fits, std::span(bytes).first(9)),
                       doctest::Contains("there is room for 9"), cardan::Error);
  // Nothing is known of a receiver that did not get it: all blocks go again.
  CHECK(packer.pack(values.data(), 0.1, 1, false, *fits, bytes).sent == 4);
  CHECK(packer.pack(values.data(), 0.1, 1, false, *fits, bytes).sent == 0);
}
