// A put's bytes from the sender to the receiver, and what is found where they were changed, or meet
// another decoder.
#include "couplers/reduction/encoders.hpp"
#include "couplers/reduction/intake.hpp"
#include "couplers/reduction/receivers.hpp"
#include "couplers/reduction/sender.hpp"

#include <cardan/error.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string_view>
#include <vector>

using namespace cardan;
using namespace cardan::reduction;

namespace {

const std::vector<ReductionField> fields{{"u", Dtype::float64, {12, 20}, false, {}},
                                         {"v", Dtype::float32, {2, 9, 8}, true, {}}};

Settings settings_of(double eps = 1e-3)
{
  Settings settings;
  settings.block = {4};
  settings.eps = {eps};
  // What is decoded must not depend on what pays.
  settings.codec.fall_back = false;
  return settings;
}

struct Case {
  std::vector<double> u = std::vector<double>(240);
  std::vector<float> v = std::vector<float>(144);
  void fill(double phase)
  {
    for (std::size_t i = 0; i < u.size(); ++i)
      u[i] = std::sin(0.1 * static_cast<double>(i) + phase);
    for (std::size_t i = 0; i < v.size(); ++i) v[i] = 100 * static_cast<float>(u[i] * u[i]);
  }
  [[nodiscard]] std::vector<NamedField> named() const
  {
    return {{"u", Field{u.data(), {12, 20}}}, {"v", Field{v.data(), {2, 9, 8}}}};
  }
};

/// A mean and two directions.
Encoders encoders_of(double tilt, const Settings& settings)
{
  Encoders encoders;
  for (const auto& field : fields) {
    const auto n = static_cast<std::size_t>(block_numbers(field, settings));
    std::vector<double> mean(n, tilt);
    std::vector<double> encoder(2 * n, 1 / static_cast<double>(n));
    std::vector<double> decoder(2 * n, 0.5);
    for (std::size_t i = 0; i < n; ++i) encoder[2 * i + 1] = tilt * static_cast<double>(i % 3);
    encoders.push_back(linear_transform(mean, encoder, decoder));
  }
  return encoders;
}

MessageHeader header_of(std::uint32_t version)
{
  MessageHeader header;
  header.step = 7;
  header.version = version;
  return header;
}

}  // namespace

TEST_CASE("what arrives has the sender's bits, and keeps its bound")
{
  for (const double eps : {1e-1, 1e-3, 1e-9, 1e-12, 0.0}) {
    CAPTURE(eps);
    const auto settings = settings_of(eps);
    Sender sender{fields, settings, find_quantity("sum")};
    Intake intake{3, fields, settings};
    Case now;
    for (int step = 0; step < 4; ++step) {
      now.fill(0.3 * step);
      const auto named = now.named();
      sender.check(named);
      sender.copy(named);
      const auto encoders = step < 2 ? no_encoders(fields, settings) : encoders_of(1, settings);
      const auto bytes = sender.pack(encoders, {}, 0, 0);
      CHECK(bytes.size() <= sender.most_bytes());
      const auto& arrived = intake.take(header_of(1), bytes, encoders);
      CHECK(arrived.same);
      CHECK(arrived.rank == 3);
      CHECK(arrived.step == 7);
      CHECK(arrived.raw_bytes == 240 * 8 + 144 * 4);
      for (std::size_t i = 0; i < 240; ++i)
        CHECK(std::abs(arrived.values[0][i] - now.u[i]) <= arrived.eps[0]);
      for (std::size_t i = 0; i < 144; ++i)
        CHECK(std::abs(arrived.values[1][i] - static_cast<double>(now.v[i])) <= arrived.eps[1]);
      const auto [least, most] = std::minmax_element(now.u.begin(), now.u.end());
      CHECK(arrived.eps[0] == eps * (*most - *least));
      CHECK(intake.head().quantity == (*find_quantity("sum"))(fields, sender.values()));
    }
  }
}

TEST_CASE("a changed byte is found, wherever it is")
{
  const auto settings = settings_of();
  const auto encoders = encoders_of(1, settings);
  Sender sender{fields, settings, nullptr};
  Case now;
  now.fill(0);
  sender.copy(now.named());
  const auto sent = sender.pack(encoders, {}, 0, 0);
  const std::vector<std::byte> bytes{sent.begin(), sent.end()};
  Intake right{0, fields, settings};
  const auto& whole = right.take(header_of(1), bytes, encoders);
  REQUIRE(whole.same);
  int thrown = 0;
  int different = 0;
  int harmless = 0;
  for (std::size_t i = sizeof(PutHead); i < bytes.size(); ++i) {
    auto changed = bytes;
    changed[i] ^= std::byte{0x10};
    Intake intake{0, fields, settings};
    try {
      const auto& arrived = intake.take(header_of(1), changed, encoders);
      if (!arrived.same) {
        ++different;
        continue;
      }
      // Bits that nobody reads, and the bound and error that the head says.
      ++harmless;
      for (std::size_t f = 0; f < fields.size(); ++f)
        CHECK(std::equal(arrived.values[f], arrived.values[f] + numbers_of(fields[f]),
                         whole.values[f]));
    } catch (const std::exception&) {
      ++thrown;
    }
  }
  CAPTURE(harmless);
  CHECK(thrown > 0);
  CHECK(different > 0);
  CHECK(harmless < 64);
  CHECK_THROWS_AS(right.take(header_of(1), std::span{bytes}.first(bytes.size() / 2), encoders),
                  Error);
  CHECK_THROWS_AS(right.take(header_of(1), std::span{bytes}.first(10), encoders), Error);
}

TEST_CASE("latents that meet another version's decoder are found")
{
  const auto settings = settings_of();
  Sender sender{fields, settings, nullptr};
  Case now;
  now.fill(0);
  sender.copy(now.named());
  const auto bytes = sender.pack(encoders_of(1, settings), {}, 0, 0);
  Intake right{0, fields, settings};
  CHECK(right.take(header_of(1), bytes, encoders_of(1, settings)).same);
  Intake wrong{0, fields, settings};
  CHECK_FALSE(wrong.take(header_of(1), bytes, encoders_of(1.0000001, settings)).same);
}

TEST_CASE("a broken bound is refused")
{
  const auto settings = settings_of();
  const auto encoders = no_encoders(fields, settings);
  Sender sender{fields, settings, nullptr};
  Case now;
  now.fill(0);
  sender.copy(now.named());
  const auto sent = sender.pack(encoders, {}, 0, 0);
  std::vector<std::byte> bytes{sent.begin(), sent.end()};
  FieldHead head;
  std::memcpy(&head, bytes.data() + sizeof(PutHead), sizeof head);
  for (const double error : {head.eps * 1.000001, std::nan("")}) {
    FieldHead broken = head;
    broken.max_error = error;
    std::memcpy(bytes.data() + sizeof(PutHead), &broken, sizeof broken);
    Intake intake{0, fields, settings};
    CHECK_THROWS_AS(intake.take(header_of(0), bytes, encoders), Error);
  }
}

TEST_CASE("fields that were not declared are refused")
{
  Sender sender{fields, settings_of(), nullptr};
  Case now;
  auto named = now.named();
  CHECK_NOTHROW(sender.check(named));
  CHECK_THROWS_AS(sender.check(std::span{named}.first(1)), Error);
  std::swap(named[0], named[1]);
  CHECK_THROWS_AS(sender.check(named), Error);
  named = now.named();
  named[0].field = Field{now.u.data(), {20, 12}};
  CHECK_THROWS_AS(sender.check(named), Error);
}

TEST_CASE("encoders go in pieces, and are kept until nobody uses them")
{
  const auto settings = settings_of();
  const auto bytes = bytes_of(encoders_of(2, settings));
  Assembly assembly;
  for (const std::size_t piece : {std::size_t{7}, std::size_t{1000}, bytes.size()}) {
    bool whole = false;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      REQUIRE_FALSE(whole);
      whole = assembly.add(static_cast<std::int64_t>(at), static_cast<std::int64_t>(bytes.size()),
                           std::span{bytes}.subspan(at, std::min(piece, bytes.size() - at)));
    }
    REQUIRE(whole);
    CHECK(assembly.bytes() == bytes);
    CHECK(bytes_of(read_encoders(assembly.bytes(), fields, settings)) == bytes);
  }
  CHECK_THROWS_AS(assembly.add(3, 100, bytes), Error);
  CHECK_THROWS_AS(read_encoders(std::span{bytes}.first(bytes.size() - 1), fields, settings),
                  std::exception);
  CHECK_THROWS_AS(read_encoders(std::span{bytes}.first(4), fields, settings), Error);
  auto other = settings;
  other.block = {2};
  CHECK_THROWS_AS(read_encoders(bytes, fields, other), Error);

  Versions versions;
  for (std::uint32_t v = 1; v <= 5; ++v) versions.add(v, encoders_of(v, settings));
  CHECK(versions.size() == 5);
  const auto held = versions.find(2);
  versions.forget_before(4);
  CHECK(versions.find(3) == nullptr);
  CHECK(versions.find(4) != nullptr);
  CHECK(held->front()->kind() == std::string_view{"linear"});
  CHECK(versions.find(6) == nullptr);
}
