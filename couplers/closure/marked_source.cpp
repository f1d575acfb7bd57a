// Observations in an order that does not depend on when they arrive: lane by lane, from mark to
// mark.

#include "couplers/closure/grid_pairs.hpp"

#include <algorithm>
#include <vector>

namespace cardan::closure {

namespace {

bool before_mark(channel::InLane& lane)
{
  return lane.ready() && !Mark::is(lane.header());
}

bool stands_at_mark(channel::InLane& lane)
{
  return lane.ready() ? Mark::is(lane.header()) : lane.drained();
}

/// All lanes are at a mark.
std::optional<Mark> mark_of(channel::Lanes& lanes)
{
  for (auto& lane : lanes.in())
    if (lane.ready()) return Mark::of(lane.header());
  return {};
}

void pass_mark(channel::Lanes& lanes)
{
  for (auto& lane : lanes.in())
    if (lane.ready()) lane.release();
}

/// Messages of a lane whose turn has not come, copied.
class Staged {
 public:
  explicit Staged(const Features& features) : columns_(features) {}
  void add(const channel::InLane& lane)
  {
    const channel::Header& header = lane.header();
    const std::int64_t at = columns_.count();
    columns_.resize(at + header.count);
    for (std::size_t f = 0; f < columns_.features().size(); ++f)
      columns_.copy(f, lane.data(f), header.count, at);
    messages_.push_back({header.count, header.step});
  }
  /// Calls `learn(count, columns, step)` for each; says whether there was any.
  template <class Learn>
  bool give(Learn&& learn)
  {
    const bool any = !messages_.empty();
    std::vector<const std::byte*> at(columns_.columns(),
                                     columns_.columns() + columns_.features().size());
    for (const Message& message : messages_) {
      learn(message.count, at.data(), message.step);
      for (std::size_t f = 0; f < at.size(); ++f)
        at[f] += message.count * columns_.features()[f].bytes();
    }
    messages_.clear();
    columns_.resize(0);
    return any;
  }

 private:
  struct Message {
    std::int64_t count;
    std::int64_t step;
  };
  Columns columns_;
  std::vector<Message> messages_;
};

Features joined(const Signature& signature)
{
  Features all = signature.inputs;
  all.insert(all.end(), signature.outputs.begin(), signature.outputs.end());
  return all;
}

class MarkedBatches : public MarkedSource {
 public:
  explicit MarkedBatches(Streams& streams)
      : lanes_(*streams.observation),
        inputs_(streams.fields.inputs.size()),
        depth_(static_cast<std::uint64_t>(lanes_.plan().depth)),
        slot_(inputs_ + streams.fields.outputs.size()),
        staged_(lanes_.in().size(), Staged{joined(streams.fields.signature())})
  {}

  bool take(const Learn& learn) override
  {
    auto& in = lanes_.in();
    const auto give = [&](std::int64_t count, const std::byte* const* columns, std::int64_t step) {
      learn({count, columns}, {count, columns + inputs_}, step);
    };
    bool any = false;
    for (; turn_ < in.size(); ++turn_) {
      auto& lane = in[turn_];
      any = staged_[turn_].give(give) || any;
      for (; before_mark(lane); lane.release()) {
        any = true;
        for (std::size_t f = 0; f < slot_.size(); ++f) slot_[f] = lane.data(f);
        give(lane.header().count, slot_.data(), lane.header().step);
      }
      lane.give_credit();
      if (!stands_at_mark(lane)) break;
    }
    for (std::size_t i = turn_ + 1; i < in.size(); ++i) any = make_room(i) || any;
    return any;
  }

  bool drained() override { return at_mark() && lanes_.drained(); }
  [[nodiscard]] bool at_mark() const override { return turn_ == lanes_.in().size(); }
  [[nodiscard]] std::optional<Mark> mark() override { return mark_of(lanes_); }
  void pass() override
  {
    pass_mark(lanes_);
    turn_ = 0;
  }

 private:
  // A simulation rank that waits for room may be what the one whose turn it is waits for.
  bool make_room(std::size_t index)
  {
    auto& lane = lanes_.in()[index];
    if (lane.look() - lane.next() < depth_) return false;
    bool any = false;
    for (; before_mark(lane); lane.release()) {
      staged_[index].add(lane);
      any = true;
    }
    lane.give_credit();
    return any;
  }

  channel::Lanes& lanes_;
  std::size_t inputs_;
  std::uint64_t depth_;
  std::vector<const std::byte*> slot_;
  /// By lane.
  std::vector<Staged> staged_;
  /// The lane that is read.
  std::size_t turn_ = 0;
};

/// The next message of every lane is waited for before anything is decided.
class MarkedGrid : public MarkedSource {
 public:
  explicit MarkedGrid(Streams& streams) : lanes_(*streams.observation), pairs_(streams) {}

  bool take(const Learn& learn) override
  {
    bool any = false;
    while (!at_mark_ && known()) {
      Call newest{-1, 0, 0};
      bool whole = true;
      for (auto& lane : lanes_.in()) {
        if (stands_at_mark(lane))
          whole = false;
        else
          newest = std::max(newest, Call::of(lane.header()));
      }
      at_mark_ = newest == Call{-1, 0, 0};
      if (!at_mark_ && !leave_out(whole, newest)) pairs_.give(learn);
      any = true;
    }
    return any;
  }

  bool drained() override { return at_mark_ && lanes_.drained(); }
  [[nodiscard]] bool at_mark() const override { return at_mark_; }
  [[nodiscard]] std::optional<Mark> mark() override { return mark_of(lanes_); }
  void pass() override
  {
    pass_mark(lanes_);
    at_mark_ = false;
  }

 private:
  [[nodiscard]] bool known()
  {
    auto& in = lanes_.in();
    return std::all_of(in.begin(), in.end(),
                       [](auto& lane) { return lane.ready() || lane.drained(); });
  }
  // Calls come in order on every lane: what is older than any lane's next call, or stands before a
  // mark that another lane is at, will never be whole.
  bool leave_out(bool whole, const Call& newest)
  {
    bool any = false;
    for (auto& lane : lanes_.in()) {
      if (!before_mark(lane) || (whole && Call::of(lane.header()) == newest)) continue;
      lane.release();
      any = true;
    }
    return any;
  }

  channel::Lanes& lanes_;
  GridPairs pairs_;
  bool at_mark_ = false;
};

}  // namespace

std::unique_ptr<MarkedSource> make_marked_source(Streams& streams)
{
  if (streams.grid) return std::make_unique<MarkedGrid>(streams);
  return std::make_unique<MarkedBatches>(streams);
}

}  // namespace cardan::closure
