/// Runs one random channel of boxes and checks every element of every arrival. Collective.
#pragma once

#include "support/box_check.hpp"
#include "support/memory.hpp"
#include "support/world.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <vector>

namespace test {

class BoxRun {
 public:
  explicit BoxRun(const BoxCase& drawn)
      : case_(drawn),
        me_(static_cast<std::size_t>(world_rank())),
        produces_(drawn.produces[me_]),
        consumes_(drawn.consumes[me_]),
        own_{drawn.number, world_size(), world_rank() + 1},
        channel_(MPI_COMM_WORLD, drawn.options, specs(0, true), specs(0, false))
  {}

  void run()
  {
    for (phase_ = 0; phase_ < case_.phases.size(); ++phase_) {
      if (phase_ > 0) channel_.rebox(specs(phase_, true), specs(phase_, false));
      begin();
      if (case_.options.policy == cardan::Policy::block)
        in_lock_step();
      else if (case_.bursts)
        in_bursts();
      else
        as_each_likes();
    }
    --phase_;
    if (produces_) channel_.close();
    while (consumes_ && read(Wait::yes)) continue;
    if (consumes_) REQUIRE_FALSE(channel_.try_peek());
    check_counters();
  }

 private:
  enum class Wait { yes, no };
  [[nodiscard]] const Phase& phase() const { return case_.phases[phase_]; }
  [[nodiscard]] bool blocks() const { return case_.options.policy == cardan::Policy::block; }
  [[nodiscard]] Reading reading() const { return case_.reading[me_]; }

  std::vector<cardan::FieldSpec> specs(std::size_t phase, bool produced)
  {
    std::vector<cardan::FieldSpec> all;
    if (!(produced ? produces_ : consumes_)) return all;
    if (!produced) orders_.clear();
    for (std::size_t f = 0; f < case_.fields.size(); ++f) {
      const Boxes& boxes = case_.phases[phase].fields[f];
      const Box& box = (produced ? boxes.produced : boxes.consumed)[me_];
      const auto order =
          own_.one_of({cardan::Order::row_major, cardan::Order::column_major, cardan::Order::any});
      if (!produced) orders_.push_back(order);
      all.push_back({case_.fields[f].name, case_.fields[f].dtype, box.count, box, order});
    }
    return all;
  }

  /// A new plan: which peers this rank has under it, and which puts belong to it.
  void begin()
  {
    begin_ = end_;
    end_ += phase().puts;
    const std::int64_t sent = phase().puts / case_.options.every;
    fed_ = false;
    for (std::size_t r = 0; r < case_.produces.size(); ++r) {
      if (case_.meet(phase(), me_, r)) deliveries_ += sent;
      if (case_.meet(phase(), r, me_)) fed_ = true;
    }
    if (fed_) offered_to_me_ += sent;
    sources_.clear();
  }

  // So that nobody waits in `put` for a rank that waits in `put` for it.
  void in_lock_step()
  {
    for (std::int64_t put = begin_; produces_ && put < end_; ++put) {
      offer(put);
      while (consumes_ && fed_ && case_.sends(put) && last_ < put) REQUIRE(read(Wait::yes));
    }
    while (consumes_ && fed_ && last_ < end_ - case_.options.every) REQUIRE(read(Wait::yes));
  }

  void in_bursts()
  {
    using cardan::Policy;
    std::int64_t put = begin_;
    while (put < end_) {
      const bool first = put == begin_;
      // Whole rounds of `every`, so that each burst sends something; the same on all ranks.
      const std::int64_t rounds = (case_.number + put) % 5 + 1;
      const std::int64_t until = std::min(end_, put + rounds * case_.options.every);
      for (; put < until; ++put)
        if (produces_) offer(put);
      MPI_Barrier(MPI_COMM_WORLD);
      // The newest step outlives the others, or the first ones bar the way to all others. What two
      // sides must agree on is not there at once.
      std::int64_t wanted = -1;
      if (case_.options.policy == Policy::drop_newest && first) wanted = begin_;
      if (case_.options.policy == Policy::drop_oldest &&
          channel_.transport() != cardan::TransportKind::two_sided &&
          channel_.transport() != cardan::TransportKind::mixed)
        wanted = until - case_.options.every;
      if (consumes_) {
        const double start = MPI_Wtime();
        while (read(Wait::no) || (fed_ && last_ < wanted && MPI_Wtime() - start < 5)) continue;
        if (fed_) REQUIRE(last_ >= wanted);
      }
      MPI_Barrier(MPI_COMM_WORLD);
    }
  }

  void as_each_likes()
  {
    for (std::int64_t put = begin_; produces_ && put < end_; ++put) {
      offer(put);
      if (consumes_) read(Wait::no);
    }
  }

  /// Puts a step, or claims it, perhaps after claims that come to nothing.
  void offer(std::int64_t put)
  {
    if (case_.delays) dawdle(own_);
    const std::int64_t step = case_.step_of(put);
    ++puts_;
    while (own_.chance(40)) {
      std::optional<cardan::Claim> claim = channel_.claim(step);
      if (!claim.has_value()) {
        REQUIRE((!case_.sends(put) || !blocks()));
        return;
      }
      REQUIRE(case_.sends(put));
      const bool abandon = own_.chance(25);
      for (std::size_t f = 0; f < case_.fields.size(); ++f) {
        const Field field = claim->field(case_.fields[f].name);
        REQUIRE(field.dtype() == case_.fields[f].dtype);
        REQUIRE(field.shape() == phase().fields[f].produced[me_].count);
        // What is abandoned must not be seen: it holds another step's values.
        fill(f, field, abandon ? -1 - step : step);
      }
      if (abandon) continue;
      if (case_.delays) dawdle(own_);
      claim->publish();
      return;
    }
    if (sources_.empty() || own_.chance(20)) {
      sources_.clear();
      for (std::size_t f = 0; f < case_.fields.size(); ++f)
        sources_.emplace_back(own_, case_.fields[f].dtype, phase().fields[f].produced[me_].count);
    }
    std::vector<cardan::NamedField> fields;
    for (std::size_t f = 0; f < case_.fields.size(); ++f) {
      const Field field = sources_[f].field();
      fill(f, field, step);
      const bool boxed = own_.chance(50);
      fields.push_back(
          {case_.fields[f].name, boxed ? field.in(phase().fields[f].produced[me_]) : field});
    }
    channel_.put(step, fields);
    for (Memory& source : sources_) source.clear();
  }

  void fill(std::size_t f, const Field& field, std::int64_t step)
  {
    const Box& box = phase().fields[f].produced[me_];
    for_each_index(box.count, [&](const Extents& index) {
      write(field, index, value_at(case_, f, step, sum(index, box.offset)));
    });
  }

  /// Reads one step if there is one, or waits for it; false where there is none.
  bool read(Wait wait)
  {
    if (case_.delays) dawdle(own_);
    if (wait == Wait::yes && reading() == Reading::take) return take();
    const auto pick = reading() == Reading::latest ? cardan::Pick::latest : cardan::Pick::next;
    if (wait == Wait::no || reading() == Reading::try_peek) {
      for (int i = 0; i < 50; ++i) {
        const auto arrival = channel_.try_peek(pick);
        if (arrival) return look_at(*arrival);
        std::this_thread::yield();
      }
      if (wait == Wait::no) return false;
    }
    const auto arrival = channel_.peek(pick);
    return arrival && look_at(*arrival);
  }

  bool take()
  {
    std::vector<Memory> targets;
    std::vector<cardan::NamedField> fields;
    for (std::size_t f = 0; f < case_.fields.size(); ++f)
      targets.emplace_back(own_, case_.fields[f].dtype, phase().fields[f].consumed[me_].count);
    for (std::size_t f = 0; f < case_.fields.size(); ++f)
      fields.push_back({case_.fields[f].name, targets[f].field()});
    const std::optional<std::int64_t> step = channel_.take(fields);
    if (!step) return false;
    arrived(*step);
    for (std::size_t f = 0; f < case_.fields.size(); ++f) {
      REQUIRE(difference(case_, phase(), me_, f, fields[f].field, *step) == "");
      REQUIRE(targets[f].intact());
    }
    return true;
  }

  bool look_at(const cardan::Arrival& arrival)
  {
    const std::int64_t step = arrival.step();
    arrived(step);
    REQUIRE(arrival.producer() == -1);
    // Sometimes again after a while.
    for (int look = own_.chance(20) ? 2 : 1; look > 0; --look, dawdle(own_)) {
      REQUIRE(arrival.step() == step);
      for (std::size_t f = 0; f < case_.fields.size(); ++f) {
        const Field field = arrival.field(case_.fields[f].name);
        const Box& box = phase().fields[f].consumed[me_];
        REQUIRE(field.dtype() == case_.fields[f].dtype);
        REQUIRE(field.shape() == box.count);
        REQUIRE(field.box() == box);
        if (orders_[f] != cardan::Order::any) {
          const bool rows = orders_[f] == cardan::Order::row_major;
          REQUIRE(lies_as(field,
                          rows ? cardan::row_major(box.count) : cardan::column_major(box.count)));
        }
        REQUIRE(difference(case_, phase(), me_, f, field, step) == "");
      }
    }
    return true;
  }

  /// A step is one that was sent under this plan, and newer than the last; each one where none may
  /// be passed over.
  void arrived(std::int64_t step)
  {
    const std::int64_t put = (step - case_.first) / case_.stride;
    CAPTURE(step);
    CAPTURE(last_);
    REQUIRE(case_.step_of(put) == step);
    REQUIRE(case_.sends(put));
    REQUIRE(put >= begin_);
    REQUIRE(put < end_);
    REQUIRE(put > last_);
    if (blocks() && reading() != Reading::latest)
      REQUIRE(put == (last_ < begin_ ? begin_ : last_ + case_.options.every));
    last_ = put;
    ++taken_;
  }

  void check_counters() const
  {
    const cardan::ChannelCounters& counters = channel_.counters();
    if (produces_) {
      std::int64_t sent = 0;
      for (std::int64_t put = 0; put < puts_; ++put) sent += case_.sends(put) ? 1 : 0;
      REQUIRE(counters.put == puts_);
      REQUIRE(counters.skipped == puts_ - sent);
      REQUIRE(counters.written + counters.dropped == deliveries_);
      if (case_.options.policy != cardan::Policy::drop_oldest) REQUIRE(counters.overwritten == 0);
      REQUIRE(counters.overwritten <= counters.written);
      if (blocks()) REQUIRE(counters.dropped == 0);
    }
    if (consumes_) {
      REQUIRE(counters.taken == taken_);
      REQUIRE(counters.taken + counters.missed == offered_to_me_);
      if (blocks() && reading() != Reading::latest) REQUIRE(counters.missed == 0);
    }
  }

  const BoxCase& case_;
  std::size_t me_;
  bool produces_;
  bool consumes_;
  /// This rank's own choices.
  Random own_;
  std::vector<cardan::Order> orders_;
  cardan::Channel channel_;
  std::size_t phase_ = 0;
  /// Puts [begin, end) belong to the phase; the last one that was read.
  std::int64_t begin_ = 0;
  std::int64_t end_ = 0;
  std::int64_t last_ = -1;
  /// Whether anything comes to this rank under the present plan.
  bool fed_ = false;
  std::vector<Memory> sources_;
  std::int64_t puts_ = 0;
  std::int64_t deliveries_ = 0;
  std::int64_t offered_to_me_ = 0;
  std::int64_t taken_ = 0;
};

}  // namespace test
