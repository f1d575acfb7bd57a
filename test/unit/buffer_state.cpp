// Buffers that go on from a state: exactly on the same ranks, with all samples on others.
#include "couplers/closure/buffer.hpp"

#include <cardan/state.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <numeric>
#include <set>
#include <vector>

using cardan::Dtype;
using cardan::Signature;
using cardan::State;
using cardan::closure::Buffer;
using cardan::closure::BufferSettings;
using cardan::closure::Columns;
using cardan::closure::make_buffer;
using Kind = BufferSettings::Kind;

namespace {

const Signature signature{{{"x", Dtype::float32, {2}}}, {{"y", Dtype::float64, {}}}};
constexpr std::array kinds{Kind::fifo, Kind::reservoir, Kind::threshold};

/// Sample i is (i, -i) and 10 i, made at step i.
void add(Buffer& buffer, int begin, int end)
{
  for (int i = begin; i < end; ++i) {
    const std::array<float, 2> x{static_cast<float>(i), static_cast<float>(-i)};
    const double y = 10.0 * i;
    const std::array in{reinterpret_cast<const std::byte*>(x.data())};
    const std::array out{reinterpret_cast<const std::byte*>(&y)};
    buffer.add({1, in.data()}, {1, out.data()}, 0, i);
  }
}

std::vector<int> held(const Buffer& buffer)
{
  std::vector<int> numbers;
  const auto* x = reinterpret_cast<const float*>(buffer.inputs().columns[0]);
  const auto* y = reinterpret_cast<const double*>(buffer.targets().columns[0]);
  for (std::int64_t i = 0; i < buffer.size(); ++i) {
    CHECK(y[i] == 10.0 * x[2 * i]);
    numbers.push_back(static_cast<int>(x[2 * i]));
  }
  return numbers;
}

std::vector<float> drawn(Buffer& buffer, std::int64_t count)
{
  Columns inputs{signature.inputs};
  Columns targets{signature.outputs};
  buffer.draw(count, inputs, targets);
  std::vector<float> numbers(static_cast<std::size_t>(2 * inputs.count()));
  if (!numbers.empty())
    std::memcpy(numbers.data(), inputs.columns()[0], numbers.size() * sizeof(float));
  return numbers;
}

Columns copy(const cardan::Features& features, const cardan::Batch& batch)
{
  Columns columns{features};
  for (std::int64_t r = 0; r < batch.count; ++r) columns.append(batch, r);
  return columns;
}

void restore(Buffer& to, const Buffer& from, const State& own)
{
  to.restore(own, copy(signature.inputs, from.inputs()), copy(signature.outputs, from.targets()),
             from.records());
}

State counters_only(const State& own)
{
  std::vector<std::int64_t> numbers(4);
  own.get("counters", Dtype::int64, {1, 4}, numbers.data());
  State counters;
  counters.put("counters", Dtype::int64, {1, 4}, numbers.data());
  return counters;
}

}  // namespace

TEST_CASE("a buffer goes on as if nothing had happened")
{
  for (const Kind kind : kinds)
    for (const int before : {0, 5, 20, 33, 90}) {
      CAPTURE(static_cast<int>(kind));
      CAPTURE(before);
      const BufferSettings settings{kind, 20, 2};
      const auto original = make_buffer(settings, signature, 3);
      add(*original, 0, before);
      drawn(*original, 30);
      add(*original, before, before + 7);
      const auto other = make_buffer(settings, signature, 99);
      add(*other, 500, 517);
      restore(*other, *original, original->checkpoint());
      CHECK(held(*other) == held(*original));
      for (int round = 0; round < 5; ++round) {
        CHECK(drawn(*other, 17) == drawn(*original, 17));
        for (const auto& buffer : {original.get(), other.get()})
          add(*buffer, 1000 + 9 * round, 1009 + 9 * round);
        CHECK(held(*other) == held(*original));
        CHECK(other->records() == original->records());
      }
      const auto a = original->counters(2000);
      const auto b = other->counters(2000);
      CHECK(a.seen == b.seen);
      CHECK(a.dropped == b.dropped);
      CHECK(a.evicted == b.evicted);
      CHECK(a.draws == b.draws);
      CHECK(a.mean_age == b.mean_age);
    }
}

TEST_CASE("a smaller buffer keeps the newest of a fifo and any of others")
{
  for (const Kind kind : kinds) {
    CAPTURE(static_cast<int>(kind));
    const auto original = make_buffer({kind, 50, 1}, signature, 3);
    add(*original, 0, 50);
    if (kind == Kind::fifo) add(*original, 50, 73);
    const auto small = make_buffer({kind, 10, 1}, signature, 3);
    restore(*small, *original, original->checkpoint());
    const auto numbers = held(*small);
    REQUIRE(numbers.size() == 10);
    CHECK(std::set<int>(numbers.begin(), numbers.end()).size() == 10);
    if (kind == Kind::fifo) {
      std::vector<int> newest(10);
      std::iota(newest.begin(), newest.end(), 63);
      CHECK(numbers == newest);
      add(*small, 73, 75);
      const auto next = held(*small);
      CHECK(*std::min_element(next.begin(), next.end()) == 65);
    }
    const auto counters = small->counters(100);
    CHECK(counters.seen == counters.size + counters.evicted + counters.dropped);
    // It draws other numbers than a buffer that begins.
    CHECK(drawn(*small, 5).size() == 10);
  }
}

TEST_CASE("a fifo of a larger capacity still lets the oldest go first")
{
  const auto original = make_buffer({Kind::fifo, 10, 1}, signature, 3);
  add(*original, 0, 14);
  const auto large = make_buffer({Kind::fifo, 12, 1}, signature, 3);
  restore(*large, *original, original->checkpoint());
  add(*large, 14, 18);
  auto numbers = held(*large);
  std::sort(numbers.begin(), numbers.end());
  std::vector<int> newest(12);
  std::iota(newest.begin(), newest.end(), 6);
  CHECK(numbers == newest);
}

TEST_CASE("dealt samples that were not drawn often enough still stay")
{
  const auto original = make_buffer({Kind::threshold, 20, 1}, signature, 3);
  add(*original, 0, 20);
  drawn(*original, 9);
  const auto dealt = make_buffer({Kind::threshold, 20, 1}, signature, 3);
  restore(*dealt, *original, counters_only(original->checkpoint()));
  const auto records = original->records();
  std::set<int> fresh;
  for (std::size_t i = 0; i < 20; ++i)
    if (records[2 * i + 1] == 0) fresh.insert(static_cast<int>(i));
  REQUIRE(!fresh.empty());
  add(*dealt, 100, 200);
  const auto numbers = held(*dealt);
  for (const int i : fresh) CHECK(std::count(numbers.begin(), numbers.end(), i) == 1);
}

TEST_CASE("samples that do not belong together are an error")
{
  const auto buffer = make_buffer({Kind::fifo, 20, 1}, signature, 3);
  add(*buffer, 0, 7);
  CHECK_THROWS(buffer->restore(buffer->checkpoint(), copy(signature.inputs, buffer->inputs()),
                               copy(signature.outputs, buffer->targets()), {1, 2, 3}));
  State bad;
  bad.put("counters", std::int64_t{1});
  CHECK_THROWS(restore(*buffer, *buffer, bad));
  CHECK(held(*buffer).size() == 7);
}
