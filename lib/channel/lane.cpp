#include "channel/lane.hpp"

#include <cardan/error.hpp>

#include <algorithm>
#include <atomic>

namespace cardan::channel {

namespace {

/// The top bit of a sequence number: its producer has closed.
constexpr std::uint64_t closed_mark = std::uint64_t{1} << 63;

const std::byte* element_at(const Field& field, const Extents& index)
{
  std::int64_t offset = 0;
  for (int i = 0; i < index.rank(); ++i) offset += index[i] * field.strides()[i];
  return static_cast<const std::byte*>(field.data()) + offset * size_of(field.dtype());
}

std::size_t bytes_of(const LanePlan& plan)
{
  return plan.stride + line + plan.parts.size() * 256;
}

}  // namespace

OutLane::OutLane(const LaneEnd& end, std::int64_t capacity)
    : transport_(end.transport),
      plan_(end.plan),
      peer_(transport_->connect(plan_.consumer, bytes_of(plan_), line)),
      depth_(static_cast<std::uint64_t>(end.depth)),
      total_capacity_(capacity),
      deadline_(end.deadline),
      holds_(static_cast<std::size_t>(end.depth), 0),
      prepared_(plan_.parts.size())
{}

bool OutLane::look_for_room()
{
  credit_ = transport_->look(plan_.credit);
  return holds_[index_] <= credit_;
}

bool OutLane::unpark()
{
  if (!parked_) return false;
  parked_ = false;
  step_back();
  const bool free = room();
  if (free) {
    holds_[index_] = next_ + 1;
    transport_->raise(peer_, plan_.cell, next_ + 1);
  } else {
    transport_->discard(peer_);
  }
  step_on();
  return !free;
}

// The producer says that the slot is not whole any more and then looks for a pin; the consumer pins
// and then looks whether the slot is whole: one of them sees the other. A pin is taken away after
// the credit is given, so a slot without pin and credit was not read.
bool OutLane::reclaim(bool& unread)
{
  unread = false;
  if (!transport_->overwrites()) {
    parked_ = true;
    return true;
  }
  const std::size_t sequence = plan_.headers + index_ * line;
  const std::uint64_t held = holds_[index_];
  transport_->raise(peer_, sequence, busy);
  transport_->fence();
  const std::uint64_t pinned = transport_->look(plan_.credit + pin_offset);
  if (held != 0 && pinned == held) {
    transport_->raise(peer_, sequence, held);
    return false;
  }
  unread = held != 0 && !room();
  holds_[index_] = 0;
  return true;
}

Route& OutLane::route(std::size_t part, const Field& field, bool sample)
{
  Prepared& prepared = prepared_[part];
  if (!prepared.route || prepared.strides != field.strides()) {
    Move move{patch_of(field, sample), plan_.parts[part].patch, 0, 0};
    if (sample) {
      move.from_step = field.shape().rank() > 0 ? field.strides()[0] * move.from.element : 0;
      move.to_step = move.to.bytes();
    } else {
      move.from.count = move.to.count;
      move.from_step = move.to_step = move.to.bytes();
    }
    prepared.route = transport_->route(move);
    prepared.strides = field.strides();
  }
  return *prepared.route;
}

void OutLane::put_box(std::size_t part, const Field& field)
{
  const Part& planned = plan_.parts[part];
  if (planned.patch.count.product() == 0) return;
  route(part, field, false)
      .run(element_at(field, planned.origin), peer_, slot() + planned.offset, 1);
}

void OutLane::put_samples(std::size_t part, const Field& field, std::int64_t first,
                          std::int64_t count, std::int64_t at)
{
  if (count == 0) return;
  const Part& planned = plan_.parts[part];
  const auto row = static_cast<std::size_t>(planned.patch.bytes());
  route(part, field, true)
      .run(element_at(field, Extents{first}), peer_,
           slot() + planned.offset + static_cast<std::size_t>(at) * row, count);
}

void OutLane::publish(const Header& header)
{
  Header stamped = header;
  stamped.sequence = next_ + 1;
  transport_->write(peer_, plan_.headers + index_ * line, &stamped, sizeof stamped);
  if (!parked_) holds_[index_] = stamped.sequence;
  step_on();
  if (!parked_) transport_->raise(peer_, plan_.cell, next_);
}

void OutLane::close()
{
  if (closed_) return;
  closed_ = true;
  if (parked_) {
    step_back();
    static_cast<void>(mpi::wait_until([this] { return room(); }, mpi::Deadline::in(deadline_)));
    step_on();
    static_cast<void>(unpark());
  }
  transport_->raise(peer_, plan_.cell, next_ | closed_mark);
}

InLane::InLane(const LaneEnd& end)
    : transport_(end.transport),
      plan_(end.plan),
      peer_(transport_->connect(plan_.producer, line, bytes_of(plan_))),
      memory_(transport_->memory()),
      depth_(static_cast<std::uint64_t>(end.depth)),
      policy_(end.policy)
{}

std::uint64_t InLane::look()
{
  const std::uint64_t value = transport_->look(plan_.cell);
  closed_ = (value & closed_mark) != 0;
  newest_ = value & ~closed_mark;
  return newest_;
}

std::uint64_t InLane::held(std::uint64_t slot) const
{
  auto* address = const_cast<std::byte*>(memory_) + plan_.headers + slot * line;
  const std::atomic_ref<std::uint64_t> sequence{*reinterpret_cast<std::uint64_t*>(address)};
  return sequence.load(std::memory_order_acquire);
}

void InLane::pin(std::uint64_t step_plus_one)
{
  transport_->raise(peer_, plan_.credit + pin_offset, step_plus_one);
}

void InLane::land(std::byte* slot) const
{
  for (std::size_t f = 0; f < plan_.parts.size(); ++f) {
    if (plan_.parts[f].patch.bytes() == 0) continue;
    copy(plan_.parts[f].patch, data(f), plan_.places[f].patch, slot + plan_.places[f].offset);
  }
}

void InLane::release()
{
  ++next_;
  if (++index_ == depth_) index_ = 0;
  // A credit costs a put across windows, and a cache line that the producer may be watching on a
  // node: while more waits to be read, a quarter of the ring goes back at once.
  const bool more = policy_ == Policy::block && newest_ > next_;
  if (more && (next_ - credited_) * 4 < depth_) return;
  give_credit();
}

void InLane::give_credit()
{
  if (credited_ == next_) return;
  credited_ = next_;
  transport_->raise(peer_, plan_.credit, next_);
}

}  // namespace cardan::channel
