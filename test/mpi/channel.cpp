// Fields through channels: boxes redistributed from N to M ranks, batches cut evenly, over each
// transport.
#include <cardan/channel.hpp>
#include <cardan/error.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <string>

using cardan::Box;
using cardan::Channel;
using cardan::ChannelOptions;
using cardan::Extents;
using cardan::Field;
using cardan::FieldSpec;
using cardan::TransportKind;

namespace {

int world_rank()
{
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  return rank;
}

int world_size()
{
  int size = 0;
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  return size;
}

/// Rows [i n / parts, (i + 1) n / parts) of an n x m array.
Box rows(std::int64_t n, std::int64_t m, int parts, int i)
{
  const std::int64_t first = n * i / parts;
  return {{n, m}, {first, 0}, {n * (i + 1) / parts - first, m}};
}

Box columns(std::int64_t n, std::int64_t m, int parts, int i)
{
  const std::int64_t first = m * i / parts;
  return {{n, m}, {0, first}, {n, m * (i + 1) / parts - first}};
}

double value_at(std::int64_t step, std::int64_t i, std::int64_t j)
{
  return static_cast<double>(step * 1000000 + i * 1000 + j);
}

ChannelOptions options(TransportKind kind, int depth = 0)
{
  return {"test", depth, 20, kind};
}

}  // namespace

TEST_CASE("boxes in rows arrive as boxes in columns, step by step, from strided memory")
{
  const int ranks = world_size();
  const int me = world_rank();
  // With one rank it is both; otherwise the first half produces and the rest consumes.
  const int producers = std::max(1, ranks / 2);
  const int consumers = ranks == 1 ? 1 : ranks - producers;
  const bool produces = me < producers;
  const bool consumes = ranks == 1 || me >= producers;
  const std::int64_t n = 13;
  const std::int64_t m = 11;
  for (const auto kind : {TransportKind::shared, TransportKind::rma}) {
    for (const bool column_major : {false, true}) {
      CAPTURE(std::string(cardan::to_string(kind)));
      std::vector<FieldSpec> produced;
      std::vector<FieldSpec> consumed;
      Box from;
      Box to;
      if (produces) {
        from = rows(n, m, producers, me);
        produced.push_back({"u", cardan::Dtype::float64, from.count, from});
      }
      if (consumes) {
        to = columns(n, m, consumers, ranks == 1 ? 0 : me - producers);
        consumed.push_back({"u", cardan::Dtype::float64, to.count, to});
      }
      Channel channel{MPI_COMM_WORLD, options(kind, 3), produced, consumed};
      CHECK(channel.transport() == kind);
      // A ghosted array: one cell of margin on each side, in either order.
      const Extents padded =
          produces ? Extents{from.count[0] + 2, from.count[1] + 2} : Extents{1, 1};
      std::vector<double> memory(static_cast<std::size_t>(padded.product()), -1);
      const Extents strides =
          column_major ? cardan::column_major(padded) : cardan::row_major(padded);
      const auto step_of = [&](std::int64_t step) {
        if (produces) {
          for (std::int64_t i = 0; i < from.count[0]; ++i)
            for (std::int64_t j = 0; j < from.count[1]; ++j)
              memory[static_cast<std::size_t>((i + 1) * strides[0] + (j + 1) * strides[1])] =
                  value_at(step, from.offset[0] + i, from.offset[1] + j);
          const Field interior{memory.data() + strides[0] + strides[1], from.count, strides};
          channel.put(step, {{"u", interior.in(from)}});
        }
        if (consumes) {
          const auto arrival = channel.peek();
          REQUIRE(arrival.has_value());
          REQUIRE(arrival->step() == step);
          const Field field = arrival->field("u");
          REQUIRE(field.shape() == to.count);
          const auto* data = static_cast<const double*>(field.data());
          for (std::int64_t i = 0; i < to.count[0]; ++i)
            for (std::int64_t j = 0; j < to.count[1]; ++j)
              REQUIRE(data[i * to.count[1] + j] ==
                      value_at(step, to.offset[0] + i, to.offset[1] + j));
        }
      };
      for (std::int64_t step = 0; step < 20; ++step) step_of(step);
      if (produces) channel.close();
      if (consumes) CHECK_FALSE(channel.peek().has_value());
    }
  }
}

TEST_CASE("batches are cut evenly over the consumers, and vary from step to step")
{
  const int ranks = world_size();
  const int me = world_rank();
  const int consumers = std::max(1, ranks / 3);
  const bool consumes = me < consumers;
  const bool produces = ranks == 1 || me >= consumers;
  const std::int64_t capacity = 10;
  for (const auto kind : {TransportKind::shared, TransportKind::rma}) {
    std::vector<FieldSpec> produced;
    std::vector<FieldSpec> consumed;
    if (produces)
      produced = {{"x", cardan::Dtype::float32, {capacity, 3}, {}},
                  {"k", cardan::Dtype::int64, {capacity}, {}}};
    if (consumes)
      consumed = {{"x", cardan::Dtype::float32, {0, 3}, {}}, {"k", cardan::Dtype::int64, {0}, {}}};
    std::int64_t seen = 0;
    {
      Channel channel{MPI_COMM_WORLD, options(kind), produced, consumed};
      const auto read_all = [&] {
        while (const auto arrival = channel.peek()) {
          const Field x = arrival->field("x");
          const Field k = arrival->field("k");
          REQUIRE(x.samples() == k.samples());
          const auto* xs = static_cast<const float*>(x.data());
          const auto* ks = static_cast<const std::int64_t*>(k.data());
          for (std::int64_t i = 0; i < x.samples(); ++i) {
            REQUIRE(ks[i] / 1000 == arrival->step());
            for (std::int64_t c = 0; c < 3; ++c)
              REQUIRE(xs[i * 3 + c] == static_cast<float>(ks[i] * 3 + c));
          }
          seen += x.samples();
        }
      };
      if (produces) {
        for (std::int64_t step = 0; step < 11; ++step) {
          const std::int64_t count = step % (capacity + 1);
          std::vector<float> xs(static_cast<std::size_t>(count * 3));
          std::vector<std::int64_t> ks(static_cast<std::size_t>(count));
          std::iota(ks.begin(), ks.end(), step * 1000);
          for (std::size_t i = 0; i < xs.size(); ++i)
            xs[i] = static_cast<float>(step * 3000 + static_cast<std::int64_t>(i));
          channel.put(step, {{"x", Field{std::span(xs), {count, 3}}}, {"k", Field{ks}}});
        }
        channel.close();
      }
      if (consumes) read_all();
    }
    std::int64_t total = 0;
    MPI_Allreduce(&seen, &total, 1, MPI_INT64_T, MPI_SUM, MPI_COMM_WORLD);
    const int producers = ranks == 1 ? 1 : ranks - consumers;
    CHECK(total == 55 * producers);
  }
}

TEST_CASE("a full ring holds the producer back until its deadline")
{
  if (world_size() != 1) return;
  Channel channel{MPI_COMM_WORLD,
                  {"full", 2, 0.05, TransportKind::shared},
                  {{"x", cardan::Dtype::float64, {1}, {}}},
                  {{"x", cardan::Dtype::float64, {0}, {}}}};
  const std::vector<double> one{1};
  channel.put(0, {{"x", Field{one}}});
  channel.put(1, {{"x", Field{one}}});
  CHECK_THROWS_WITH_AS(
      channel.put(2, {{"x", Field{one}}}),
      doctest::Contains("rank 0 freed no slot within 0.05 s (the ring of 2 slots is full)"),
      cardan::Late);
  CHECK(channel.peek()->step() == 0);
  CHECK_NOTHROW(channel.put(2, {{"x", Field{one}}}));
}

TEST_CASE("nothing within the deadline is an error, not a hang")
{
  Channel channel{MPI_COMM_WORLD,
                  {"silent", 2, 0.05, TransportKind::automatic},
                  {{"x", cardan::Dtype::float64, {1}, {}}},
                  {{"x", cardan::Dtype::float64, {0}, {}}}};
  CHECK_THROWS_AS(static_cast<void>(channel.peek()), cardan::Late);
}

namespace {
/// The message that every rank gets when the ranks declare what `spec_of` says.
template <class SpecOf>
std::string refusal(SpecOf&& spec_of)
{
  const FieldSpec spec = spec_of(world_rank());
  try {
    Channel channel{MPI_COMM_WORLD, options(TransportKind::automatic), {spec}, {spec}};
  } catch (const cardan::Error& error) {
    CHECK(error.reach() == cardan::Reach::everywhere);
    return error.what();
  }
  return "accepted";
}
}  // namespace

TEST_CASE("what does not fit together is refused on all ranks, with both values")
{
  const int ranks = world_size();
  if (ranks < 2) return;
  const int last = ranks - 1;
  const std::string who = "rank 0 has ";
  CHECK(refusal([&](int rank) {
          return FieldSpec{
              "u", rank == last ? cardan::Dtype::float32 : cardan::Dtype::float64, {4, 3}, {}};
        }) == "channel 'test', field 'u': rank 0 has dtype float64, rank " + std::to_string(last) +
                  " has float32 (they must be equal). Declare it alike on all ranks.");
  CHECK(refusal([&](int rank) {
          return FieldSpec{"u", cardan::Dtype::float64, {4, rank == last ? 2 : 3}, {}};
        }).find("shape of a sample (3,), rank " + std::to_string(last) + " has (2,)") !=
        std::string::npos);
  CHECK(refusal([&](int rank) {
          return FieldSpec{rank == last ? "v" : "u", cardan::Dtype::float64, {4}, {}};
        }).find("name u, rank " + std::to_string(last) + " has v") != std::string::npos);
  CHECK(refusal([&](int rank) {
          const Box box = rows(ranks, 2, ranks, rank == last ? 0 : rank);
          return FieldSpec{"u", cardan::Dtype::float64, box.count, box};
        }).find("the boxes of ranks 0 and " + std::to_string(last) + " overlap") !=
        std::string::npos);
  CHECK(refusal([&](int rank) {
          Box box = rows(ranks, 2, ranks, rank);
          if (rank == last) box.count[1] = 1;
          return FieldSpec{"u", cardan::Dtype::float64, box.count, box};
        })
            .find("cover " + std::to_string(2 * ranks - 1) + " of " + std::to_string(2 * ranks) +
                  " elements") != std::string::npos);
}

TEST_CASE("the plan is the neighbourhood: peers and window memory do not grow with the job")
{
  const int ranks = world_size();
  const Box box = rows(std::int64_t{4} * ranks, 8, ranks, world_rank());
  const FieldSpec spec{"u", cardan::Dtype::float64, box.count, box};
  Channel channel{MPI_COMM_WORLD, options(TransportKind::automatic, 2), {spec}, {spec}};
  CHECK(channel.peers() == 2);
  CHECK(channel.window_bytes() == 64 + 2 * 64 + 2 * (4 * 8 * 8) + 64);
}
