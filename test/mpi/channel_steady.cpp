// A step of a channel makes nothing: no window, no collective, no communicator, no datatype, no
// memory. The calls are counted by standing between the library and MPI, and the heap.
#include "support/mpi_calls.hpp"
#include "support/world.hpp"

#include <cardan/channel.hpp>

#include <doctest/doctest.h>

#include <numeric>
#include <string>
#include <vector>

using cardan::Box;
using cardan::Channel;
using cardan::ChannelOptions;
using cardan::Dtype;
using cardan::Extents;
using cardan::Field;
using cardan::FieldSpec;
using cardan::Policy;
using cardan::TransportKind;

namespace {

constexpr std::int64_t warm_up = 8;
constexpr std::int64_t steps = 100;

enum class Writing { put, claim };
enum class Reading { peek, try_peek, take };

/// How a channel is used.
struct Use {
  bool boxes = true;
  TransportKind transport = TransportKind::shared;
  Policy policy = Policy::block;
  Writing writing = Writing::put;
  Reading reading = Reading::peek;
};

std::string describe(const Use& use)
{
  return std::string(to_string(use.transport)) + (use.boxes ? ", boxes" : ", batches") +
         (use.writing == Writing::put ? ", put" : ", claim") + ", policy " +
         std::to_string(static_cast<int>(use.policy)) + ", reading " +
         std::to_string(static_cast<int>(use.reading));
}

void require_nothing_made()
{
  const test::Calls seen = test::calls;
  REQUIRE(seen.windows == 0);
  REQUIRE(seen.collectives == 0);
  REQUIRE(seen.communicators == 0);
  REQUIRE(seen.datatypes == 0);
  REQUIRE(seen.requests == 0);
  REQUIRE(seen.allocations == 0);
  REQUIRE(seen.frees == 0);
}

/// What moves besides memory: nothing through MPI on a node, MPI_Put alone through windows.
void require_moved(TransportKind transport, std::int64_t most_puts)
{
  const test::Calls seen = test::calls;
  if (transport == TransportKind::two_sided) return;
  REQUIRE(seen.sends == 0);
  REQUIRE(seen.other_rma == 0);
  REQUIRE(seen.puts <= (transport == TransportKind::rma ? most_puts : 0));
}

/// The lower half of the ranks produces rows, the others consume columns; or batches.
class Side {
 public:
  explicit Side(const Use& use, bool backwards = false)
      : use_(use),
        producers_(std::max(1, test::world_size() / 2)),
        consumers_(test::world_size() - producers_),
        lower_(test::world_rank() < producers_),
        produces_(lower_ != backwards)
  {
    const int parts = lower_ ? producers_ : consumers_;
    const int part = lower_ ? test::world_rank() : test::world_rank() - producers_;
    const std::int64_t first = extent * part / parts;
    const std::int64_t count = extent * (part + 1) / parts - first;
    spec_ = {"u", Dtype::float64, {extent, 3}, {}};
    const Box rows{{extent, extent}, {first, 0}, {count, extent}};
    const Box columns{{extent, extent}, {0, first}, {extent, count}};
    if (use.boxes) spec_ = {"u", Dtype::float64, (lower_ ? rows : columns).count, {}};
    if (use.boxes) spec_.box = lower_ ? rows : columns;
    memory_.assign(static_cast<std::size_t>(spec_.shape.product()), 0);
  }

  [[nodiscard]] bool produces() const { return produces_; }
  [[nodiscard]] Channel open() const
  {
    std::vector<FieldSpec> produced;
    std::vector<FieldSpec> consumed;
    (produces_ ? produced : consumed).push_back(spec_);
    ChannelOptions options;
    options.name = describe(use_);
    options.depth = 3;
    options.deadline = 20;
    options.transport = use_.transport;
    options.policy = use_.policy;
    return {MPI_COMM_WORLD, options, produced, consumed};
  }

  void write(Channel& channel, std::int64_t step)
  {
    const auto value = static_cast<double>(step);
    if (use_.writing == Writing::claim) {
      auto claim = channel.claim(step);
      if (!claim) return;
      const Field& field = claim->field("u");
      auto* data = static_cast<double*>(field.writable());
      const Extents& strides = field.strides();
      for (std::int64_t i = 0; i < field.shape()[0]; ++i)
        for (std::int64_t j = 0; j < field.shape()[1]; ++j)
          data[i * strides[0] + j * strides[1]] = value;
      if (use_.boxes)
        claim->publish();
      else
        claim->publish(step % extent + 1);
      return;
    }
    std::fill(memory_.begin(), memory_.end(), value);
    Extents shape = spec_.shape;
    if (!use_.boxes) shape[0] = step % extent + 1;
    channel.put(step, {{"u", Field{memory_.data(), shape}}});
  }

  /// The step that was read; -1 where nothing comes any more. Notes elements that are not the
  /// step's.
  std::int64_t read(Channel& channel)
  {
    if (use_.reading == Reading::take) {
      const auto step = channel.take({{"u", Field{memory_.data(), spec_.shape}}});
      if (!step) return -1;
      for (const double element : memory_)
        if (element != static_cast<double>(*step)) ++wrong_;
      return *step;
    }
    // Without waiting for ever: only `peek` says that all is over.
    for (int i = 0; use_.reading == Reading::try_peek && i < 100; ++i)
      if (const auto arrival = channel.try_peek()) return look_at(*arrival);
    const auto arrival = channel.peek();
    return arrival ? look_at(*arrival) : -1;
  }

  [[nodiscard]] std::int64_t wrong() const { return wrong_; }

 private:
  static constexpr std::int64_t extent = 15;

  std::int64_t look_at(const cardan::Arrival& arrival)
  {
    const Field field = arrival.field("u");
    const auto* data = static_cast<const double*>(field.data());
    for (std::int64_t i = 0; i < field.shape().product(); ++i)
      if (data[i] != static_cast<double>(arrival.step())) ++wrong_;
    return arrival.step();
  }

  Use use_;
  int producers_;
  int consumers_;
  bool lower_;
  bool produces_;
  FieldSpec spec_;
  std::vector<double> memory_;
  std::int64_t wrong_ = 0;
};

/// One channel from its begin to its end, counted after the first steps.
void run(const Use& use)
{
  CAPTURE(describe(use));
  Side side{use};
  Channel channel = side.open();
  if (side.produces()) {
    for (std::int64_t step = 0; step < warm_up; ++step) side.write(channel, step);
    {
      const test::Counting counting;
      for (std::int64_t step = warm_up; step < warm_up + steps; ++step) side.write(channel, step);
    }
    // Data, header and flag for each consumer; `drop_oldest` marks a slot that it takes back, and
    // may have to take the mark away.
    const std::int64_t puts = use.policy == cardan::Policy::drop_oldest ? 5 : 3;
    require_moved(use.transport, puts * channel.peers() * steps);
    channel.close();
  } else {
    std::int64_t last = 0;
    std::int64_t reads = 0;
    while (last >= 0 && last < warm_up - 1) last = side.read(channel);
    {
      const test::Counting counting;
      for (; last >= 0 && last < warm_up + steps - 1; ++reads) last = side.read(channel);
    }
    // One credit for each producer. Where steps may be passed over there are more, and pins.
    if (use.policy == Policy::block) require_moved(use.transport, channel.peers() * reads);
    while (last >= 0) last = side.read(channel);
  }
  require_nothing_made();
  REQUIRE(side.wrong() == 0);
}

const std::initializer_list<TransportKind> transports{TransportKind::shared, TransportKind::rma,
                                                      TransportKind::two_sided};

}  // namespace

TEST_CASE("what is counted is seen: in the test, and in the library when a channel opens")
{
  {
    const test::Counting counting;
    MPI_Barrier(MPI_COMM_WORLD);
    delete new std::vector<int>(3);
  }
  CHECK(test::calls.collectives == 1);
  CHECK(test::calls.allocations == 2);
  CHECK(test::calls.frees == 2);
  for (const auto kind : transports) {
    const Side side{{true, kind}};
    test::Calls seen;
    {
      const test::Counting counting;
      Channel channel = side.open();
      seen = test::calls;
      if (side.produces()) channel.close();
    }
    CAPTURE(std::string(to_string(kind)));
    CHECK(seen.communicators > 0);
    CHECK(seen.allocations > 0);
    if (kind != TransportKind::two_sided) CHECK(seen.windows > 0);
    // Sharing a window is not what goes between nodes.
    if (kind != TransportKind::two_sided) CHECK(test::calls.windows > seen.windows);
  }
}

TEST_CASE("a step of boxes makes nothing, however it is put and read")
{
  for (const auto transport : transports)
    for (const auto policy : {Policy::block, Policy::drop_oldest, Policy::drop_newest})
      for (const auto writing : {Writing::put, Writing::claim})
        for (const auto reading : {Reading::peek, Reading::try_peek, Reading::take})
          run({true, transport, policy, writing, reading});
}

TEST_CASE("a step of batches makes nothing, however it is put and read")
{
  for (const auto transport : transports)
    for (const auto policy : {Policy::block, Policy::drop_oldest, Policy::drop_newest})
      for (const auto writing : {Writing::put, Writing::claim})
        for (const auto reading : {Reading::peek, Reading::try_peek})
          run({false, transport, policy, writing, reading});
}

TEST_CASE("a step and its reply make nothing")
{
  for (const auto transport : transports) {
    for (const auto writing : {Writing::put, Writing::claim}) {
      const Use use{true, transport, Policy::block, writing, Reading::peek};
      CAPTURE(describe(use));
      Side there{use};
      Side back{use, true};
      Channel forth = there.open();
      Channel reply = back.open();
      std::int64_t mismatches = 0;
      const auto round_trip = [&](std::int64_t step) {
        if (there.produces()) there.write(forth, step);
        if (!there.produces() && there.read(forth) != step) ++mismatches;
        if (back.produces()) back.write(reply, step);
        if (!back.produces() && back.read(reply) != step) ++mismatches;
      };
      for (std::int64_t step = 0; step < warm_up; ++step) round_trip(step);
      {
        const test::Counting counting;
        for (std::int64_t step = warm_up; step < warm_up + steps; ++step) round_trip(step);
      }
      require_moved(transport, std::int64_t{3 + 1} * forth.peers() * steps);
      require_nothing_made();
      CHECK(mismatches == 0);
      CHECK(there.wrong() + back.wrong() == 0);
      (there.produces() ? forth : reply).close();
    }
  }
}
