// What a rank pays for a channel depends on its neighbours, not on the size of the job.
#include "support/world.hpp"

#include <cardan/channel.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

using cardan::Box;
using cardan::Channel;
using cardan::ChannelOptions;
using cardan::Dtype;
using cardan::Extents;
using cardan::Field;
using cardan::FieldSpec;
using cardan::TransportKind;

namespace {

constexpr int depth = 2;
constexpr std::int64_t steps = 3;
constexpr std::size_t line = 64;

/// Window memory of a consumer with a slot of so many bytes: a ring of its own box, and for each
/// producer a cell and the headers of the slots.
constexpr std::size_t of_consumer(std::size_t producers, std::size_t slot)
{
  return depth * ((slot + line - 1) / line * line) + producers * (line + depth * line);
}

/// Window memory of a producer: a credit cell for each consumer.
constexpr std::size_t of_producer(std::size_t consumers)
{
  return consumers * line;
}

ChannelOptions options(TransportKind kind)
{
  ChannelOptions chosen;
  chosen.name = "neighbours";
  chosen.depth = depth;
  chosen.deadline = 60;
  chosen.transport = kind;
  return chosen;
}

/// Cells [first, first + count) of `parts` in one dimension, `width` elements each, or the part of
/// them that is there.
struct Range {
  std::int64_t offset;
  std::int64_t count;
};
Range range(std::int64_t from, std::int64_t to, std::int64_t extent)
{
  const std::int64_t first = std::max<std::int64_t>(0, from);
  return {first, std::min(extent, to) - first};
}

/// Half of the ranks produces `from`, the other half consumes `to`: a few steps, with checks of
/// what each rank pays.
void exchange(TransportKind kind, const std::vector<Box>& from, const std::vector<Box>& to)
{
  const auto half = static_cast<int>(from.size());
  const int me = test::world_rank();
  const bool produces = me < half;
  const Box& mine = (produces ? from : to)[static_cast<std::size_t>(produces ? me : me - half)];
  const auto& others = produces ? to : from;
  const auto neighbours = std::count_if(others.begin(), others.end(), [&](const Box& other) {
    return !intersection(mine, other).empty();
  });
  const FieldSpec spec{"u", Dtype::float64, mine.count, mine};
  std::vector<FieldSpec> produced;
  std::vector<FieldSpec> consumed;
  (produces ? produced : consumed).push_back(spec);
  Channel channel{MPI_COMM_WORLD, options(kind), produced, consumed};
  CAPTURE(std::string(to_string(kind)));
  CAPTURE(cardan::to_string(mine));
  CHECK(channel.depth() == depth);
  CHECK(channel.peers() == neighbours);
  const auto peers = static_cast<std::size_t>(neighbours);
  const auto bytes = static_cast<std::size_t>(mine.count.product()) * sizeof(double);
  CHECK(channel.window_bytes() == (produces ? of_producer(peers) : of_consumer(peers, bytes)));
  if (produces) {
    const std::vector<double> data(static_cast<std::size_t>(mine.count.product()), me);
    for (std::int64_t step = 0; step < steps; ++step) {
      channel.put(step, {{"u", Field{data.data(), mine.count}}});
      CHECK(channel.counters().written == (step + 1) * neighbours);
    }
    channel.close();
    CHECK(channel.counters().dropped == 0);
  } else {
    for (std::int64_t step = 0; step < steps; ++step) {
      const auto arrival = channel.peek();
      REQUIRE(arrival.has_value());
      CHECK(arrival->step() == step);
    }
    CHECK_FALSE(channel.peek().has_value());
    CHECK(channel.counters().taken == steps);
  }
}

const std::initializer_list<TransportKind> transports{TransportKind::automatic, TransportKind::rma,
                                                      TransportKind::two_sided};

/// The most columns of a grid of `cells` that is not taller than wide.
int rows_of(int cells)
{
  int rows = 1;
  for (int r = 1; r * r <= cells; ++r)
    if (cells % r == 0) rows = r;
  return rows;
}

}  // namespace

TEST_CASE("along a chain every rank has two neighbours, whatever the length of the chain")
{
  constexpr std::int64_t width = 8;
  const int half = test::world_size() / 2;
  const std::int64_t extent = width * half;
  std::vector<Box> from;
  std::vector<Box> to;
  for (std::int64_t i = 0; i < half; ++i) {
    const Range own = range(width * i, width * (i + 1), extent);
    const Range shifted = range(width * i - width / 2, width * (i + 1) - width / 2, extent);
    from.push_back({{extent}, {own.offset}, {own.count}});
    to.push_back({{extent}, {shifted.offset}, {shifted.count}});
  }
  // 512 bytes for a consumer inside the chain: two slots of its box, two cells, two times two
  // headers. 128 for a producer.
  static_assert(of_consumer(2, width * sizeof(double)) == 2 * 64 + 2 * (64 + 2 * 64));
  static_assert(of_producer(2) == 128);
  for (const auto kind : transports) exchange(kind, from, to);
}

TEST_CASE("on a grid every rank has the cells around it as neighbours, whatever the grid's size")
{
  constexpr std::int64_t width = 4;
  const int half = test::world_size() / 2;
  const int rows = rows_of(half);
  const int columns = half / rows;
  const Extents global{width * rows, width * columns};
  std::vector<Box> cells;
  std::vector<Box> grown;
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < columns; ++j)
      for (const std::int64_t halo : {0, 1}) {
        const Range r = range(width * i - halo, width * (i + 1) + halo, global[0]);
        const Range c = range(width * j - halo, width * (j + 1) + halo, global[1]);
        (halo > 0 ? grown : cells).push_back({global, {r.offset, c.offset}, {r.count, c.count}});
      }
  for (const auto kind : transports) exchange(kind, cells, grown);
}

namespace {

/// Groups of ranks, each with so many producers and consumers; the other ranks have no part.
void batches(TransportKind kind, int producers, int consumers, int most_of_producer,
             int most_of_consumer)
{
  constexpr std::int64_t capacity = 6;
  const int groups = test::world_size() / (producers + consumers);
  const int me = test::world_rank();
  const bool produces = me < groups * producers;
  const bool consumes = !produces && me < groups * (producers + consumers);
  std::vector<FieldSpec> produced;
  std::vector<FieldSpec> consumed;
  if (produces) produced = {{"x", Dtype::float64, {capacity, 3}, {}}};
  if (consumes) consumed = {{"x", Dtype::float64, {0, 3}, {}}};
  if (groups == 0) return;
  Channel channel{MPI_COMM_WORLD, options(kind), produced, consumed};
  CAPTURE(std::string(to_string(kind)));
  CAPTURE(producers);
  CAPTURE(consumers);
  std::int64_t samples = 0;
  if (produces) {
    CHECK(channel.peers() >= 1);
    CHECK(channel.peers() <= most_of_producer);
    CHECK(channel.window_bytes() <= static_cast<std::size_t>(most_of_producer) * line);
    const std::vector<double> data(capacity * 3, me);
    for (std::int64_t step = 0; step < steps; ++step)
      channel.put(step, {{"x", Field{data.data(), {capacity, 3}}}});
    CHECK(channel.counters().written == steps * channel.peers());
    channel.close();
  } else if (consumes) {
    CHECK(channel.peers() >= 1);
    CHECK(channel.peers() <= most_of_consumer);
    const std::size_t ring = of_consumer(1, capacity * 3 * sizeof(double));
    CHECK(channel.window_bytes() <= static_cast<std::size_t>(most_of_consumer) * ring);
    while (const auto arrival = channel.peek()) samples += arrival->field("x").samples();
    // As even as can be.
    CHECK(samples * consumers == steps * capacity * producers);
  } else {
    CHECK(channel.peers() == 0);
  }
  CHECK(test::sum_over_ranks(samples) == steps * capacity * groups * producers);
}

}  // namespace

TEST_CASE("batches go to few consumers, whatever the number of consumers")
{
  for (const auto kind : transports) {
    batches(kind, 2, 1, 1, 2);
    batches(kind, 1, 2, 2, 1);
    batches(kind, 3, 2, 2, 2);
  }
}
