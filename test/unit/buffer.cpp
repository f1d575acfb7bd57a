// Replay buffers: what they keep, what they draw, and what they count.
#include "couplers/closure/buffer.hpp"

#include <cardan/config.hpp>
#include <cardan/error.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <set>
#include <string>
#include <vector>

using cardan::Batch;
using cardan::Config;
using cardan::Dtype;
using cardan::Signature;
using cardan::closure::Buffer;
using cardan::closure::BufferSettings;
using cardan::closure::Columns;
using cardan::closure::make_buffer;
using Kind = BufferSettings::Kind;

namespace {

/// A sample is i as a byte (of what is left of it), (i, -i) as float32, and 10 i as float64.
const Signature signature{{{"b", Dtype::uint8, {}}, {"x", Dtype::float32, {2}}},
                          {{"y", Dtype::float64, {1}}}};

/// Adds samples begin ... end - 1, each at the step of its number.
void add(Buffer& buffer, int begin, int end)
{
  std::vector<std::uint8_t> bytes;
  std::vector<float> pairs;
  std::vector<double> targets;
  for (int i = begin; i < end; ++i) {
    bytes.push_back(static_cast<std::uint8_t>(i));
    pairs.insert(pairs.end(), {static_cast<float>(i), static_cast<float>(-i)});
    targets.push_back(10.0 * i);
  }
  const std::array inputs{reinterpret_cast<const std::byte*>(bytes.data()),
                          reinterpret_cast<const std::byte*>(pairs.data())};
  const std::array outputs{reinterpret_cast<const std::byte*>(targets.data())};
  const std::int64_t count = end - begin;
  for (std::int64_t r = 0; r < count; ++r)
    buffer.add({count, inputs.data()}, {count, outputs.data()}, r, begin + r);
}

/// The numbers of the samples; all their columns must belong together.
std::vector<int> numbers(const Batch& inputs, const Batch& targets)
{
  std::vector<int> found;
  REQUIRE(targets.count == inputs.count);
  for (std::int64_t r = 0; r < inputs.count; ++r) {
    const double y = reinterpret_cast<const double*>(targets.columns[0])[r];
    const float* x = reinterpret_cast<const float*>(inputs.columns[1]) + 2 * r;
    const int number = static_cast<int>(y / 10);
    REQUIRE(x[0] == static_cast<float>(number));
    REQUIRE(x[1] == -x[0]);
    REQUIRE(static_cast<std::uint8_t>(inputs.columns[0][r]) == static_cast<std::uint8_t>(number));
    found.push_back(number);
  }
  return found;
}
std::vector<int> held(const Buffer& buffer)
{
  return numbers(buffer.inputs(), buffer.targets());
}
std::vector<int> drawn(Buffer& buffer, std::int64_t count)
{
  Columns inputs{signature.inputs};
  Columns targets{signature.outputs};
  buffer.draw(count, inputs, targets);
  return numbers(inputs.batch(), targets.batch());
}

std::unique_ptr<Buffer> make(Kind kind, std::int64_t capacity, std::uint64_t seed = 1,
                             std::int64_t least = 1)
{
  return make_buffer({kind, capacity, least}, signature, seed);
}

double chi_squared(const std::vector<int>& counts)
{
  double total = 0;
  for (const int count : counts) total += count;
  const double expected = total / static_cast<double>(counts.size());
  double sum = 0;
  for (const int count : counts) sum += (count - expected) * (count - expected) / expected;
  return sum;
}

}  // namespace

TEST_CASE("everything is held until a buffer is full, in order and in pairs")
{
  for (const Kind kind : {Kind::fifo, Kind::reservoir, Kind::threshold}) {
    const auto buffer = make(kind, 10);
    CHECK(drawn(*buffer, 5).empty());
    add(*buffer, 0, 7);
    CHECK(buffer->size() == 7);
    CHECK(held(*buffer) == std::vector<int>{0, 1, 2, 3, 4, 5, 6});
    CHECK(drawn(*buffer, 100).size() == 100);
    add(*buffer, 7, 5000);
    CHECK(buffer->size() == 10);
    CHECK(buffer->seen() == 5000);
    const auto all = held(*buffer);
    CHECK(std::set<int>(all.begin(), all.end()).size() == 10);
    const auto counters = buffer->counters(5000);
    CHECK(counters.dropped + counters.evicted == 4990);
  }
}

TEST_CASE("fifo: the newest")
{
  const auto buffer = make(Kind::fifo, 4);
  add(*buffer, 0, 11);
  auto all = held(*buffer);
  std::sort(all.begin(), all.end());
  CHECK(all == std::vector<int>{7, 8, 9, 10});
  const auto counters = buffer->counters(20);
  CHECK(counters.evicted == 7);
  CHECK(counters.dropped == 0);
  CHECK(counters.mean_age == doctest::Approx(11.5));
  CHECK(counters.largest_age == 13);
}

TEST_CASE("reservoir: a sample's chance to be held does not depend on when it came")
{
  // 400 streams of 200 samples into 20 places: each tenth of a stream is expected 800 times. Nine
  // degrees of freedom: 27.9 is exceeded by chance once in a thousand times; the seeds are fixed.
  const auto tenths_of = [](Kind kind) {
    std::vector<int> tenths(10, 0);
    for (std::uint64_t seed = 0; seed < 400; ++seed) {
      const auto buffer = make(kind, 20, seed);
      add(*buffer, 0, 200);
      for (const int number : held(*buffer)) ++tenths[static_cast<std::size_t>(number / 20)];
    }
    return tenths;
  };
  CHECK(chi_squared(tenths_of(Kind::reservoir)) < 27.9);
  // Negative control: a queue of the newest is not uniform.
  CHECK(chi_squared(tenths_of(Kind::fifo)) > 27.9);
}

TEST_CASE("fifo and reservoir draw all that is held alike; the counters count")
{
  for (const Kind kind : {Kind::fifo, Kind::reservoir}) {
    const auto buffer = make(kind, 50, 9);
    add(*buffer, 0, 50);
    std::vector<int> counts(50, 0);
    for (const int number : drawn(*buffer, 10000)) ++counts[static_cast<std::size_t>(number)];
    // 49 degrees of freedom.
    CHECK(chi_squared(counts) < 85.4);
    const auto counters = buffer->counters(50);
    CHECK(counters.draws == 10000);
    CHECK(counters.mean_hits == doctest::Approx(200));
    CHECK(counters.least_hits == *std::min_element(counts.begin(), counts.end()));
    // A new sample has no draws yet; what is gone keeps its part of the total.
    add(*buffer, 50, 5000);
    CHECK(buffer->counters(5000).draws == 10000);
    CHECK(buffer->counters(5000).mean_hits < 200);
    CHECK(buffer->counters(5000).least_hits == 0);
  }
}

TEST_CASE("threshold: a sample stays until it was drawn often enough")
{
  const auto buffer = make(Kind::threshold, 20, 3, 2);
  add(*buffer, 0, 30);
  // Full of samples that nobody saw: newcomers are dropped.
  auto all = held(*buffer);
  CHECK(*std::max_element(all.begin(), all.end()) == 19);
  CHECK(buffer->counters(30).dropped == 10);
  CHECK(buffer->counters(30).evicted == 0);

  int next = 30;
  std::vector<int> draws(5000, 0);
  std::set<int> before(all.begin(), all.end());
  for (int round = 0; round < 300; ++round) {
    for (const int number : drawn(*buffer, 7)) ++draws[static_cast<std::size_t>(number)];
    add(*buffer, next, next + 5);
    next += 5;
    const auto now = held(*buffer);
    const std::set<int> after(now.begin(), now.end());
    REQUIRE(after.size() == 20);
    // Whoever left was drawn twice, whoever is drawn less is here.
    for (const int number : before)
      if (after.count(number) == 0) REQUIRE(draws[static_cast<std::size_t>(number)] >= 2);
    before = after;
  }
  const auto counters = buffer->counters(next);
  CHECK(counters.evicted > 100);
  CHECK(counters.dropped > 100);
  CHECK(counters.dropped + counters.evicted == next - 20);
  // Negative control: the other kinds evict what was never drawn.
  const auto fifo = make(Kind::fifo, 20);
  add(*fifo, 0, 21);
  all = held(*fifo);
  CHECK(std::count(all.begin(), all.end(), 0) == 0);
}

TEST_CASE("threshold: samples seen least are drawn first")
{
  const auto least_after = [](Kind kind) {
    const auto buffer = make(kind, 100, 5, 3);
    add(*buffer, 0, 100);
    static_cast<void>(drawn(*buffer, 1000));
    return buffer->counters(100).least_hits;
  };
  // Ten draws each on average: by two choices hardly one lags by more than a few.
  CHECK(least_after(Kind::threshold) >= 6);
  CHECK(least_after(Kind::reservoir) < 6);
  // After the newcomers were taken they catch up, and the old ones are not forgotten.
  const auto buffer = make(Kind::threshold, 100, 6, 3);
  add(*buffer, 0, 100);
  static_cast<void>(drawn(*buffer, 1000));
  add(*buffer, 100, 150);
  int old = 0;
  for (const int number : drawn(*buffer, 300)) old += number < 100 ? 1 : 0;
  CHECK(old > 30);
  CHECK(old < 150);
}

TEST_CASE("a seed makes it repeatable; memory is used again")
{
  for (const Kind kind : {Kind::fifo, Kind::reservoir, Kind::threshold}) {
    const auto run = [kind](std::uint64_t seed) {
      const auto buffer = make(kind, 8, seed, 2);
      add(*buffer, 0, 100);
      auto all = drawn(*buffer, 50);
      add(*buffer, 100, 1000);
      for (const auto& more : {held(*buffer), drawn(*buffer, 50)})
        all.insert(all.end(), more.begin(), more.end());
      return all;
    };
    CHECK(run(5) == run(5));
    CHECK(run(5) != run(6));

    const auto buffer = make(kind, 8);
    add(*buffer, 0, 100);
    Columns inputs{signature.inputs};
    Columns targets{signature.outputs};
    buffer->draw(64, inputs, targets);
    const auto* first = inputs.batch().columns[1];
    const auto* last = targets.batch().columns[0];
    CHECK(reinterpret_cast<std::uintptr_t>(first) % alignof(float) == 0);
    CHECK(reinterpret_cast<std::uintptr_t>(last) % alignof(double) == 0);
    for (const int count : {3, 64, 1}) {
      buffer->draw(count, inputs, targets);
      CHECK(inputs.batch().count == count);
      CHECK(inputs.batch().columns[1] == first);
      CHECK(targets.batch().columns[0] == last);
    }
  }
}

TEST_CASE("the run file's table")
{
  const auto read = [](const std::string& text) {
    const Config table = Config::from_text("buffer = " + text, "test.toml").table("buffer");
    const BufferSettings settings = cardan::closure::read_buffer(table);
    table.reject_unknown();
    return settings;
  };
  const auto message = [&](const std::string& text) {
    try {
      read(text);
    } catch (const cardan::Error& error) {
      return std::string(error.what());
    }
    return std::string("none");
  };
  CHECK(read("{}").kind == Kind::reservoir);
  CHECK(read("{}").capacity == 100000);
  CHECK(read("{ kind = 'fifo', capacity = 7 }").kind == Kind::fifo);
  CHECK(read("{ kind = 'fifo', capacity = 7 }").capacity == 7);
  CHECK(read("{ kind = 'threshold', least = 4 }").least == 4);
  CHECK(message("{ kind = 'treshold' }").find("threshold") != std::string::npos);
  CHECK(message("{ capacity = 0 }").find("test.toml:1: capacity = 0 (must be positive)") !=
        std::string::npos);
  CHECK(message("{ kind = 'threshold', least = 0 }").find("at least 1") != std::string::npos);
  CHECK(message("{ least = 2 }").find("least") != std::string::npos);
}
