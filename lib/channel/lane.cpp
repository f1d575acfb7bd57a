#include "channel/lane.hpp"

#include <cardan/error.hpp>

namespace cardan::channel {

namespace {

/// The top bit of a sequence number: its producer has closed.
constexpr std::uint64_t closed_mark = std::uint64_t{1} << 63;

/// Offsets are planned from a line's begin; window memory may begin between two lines.
LanePlan placed(LanePlan plan, std::size_t consumer_skew, std::size_t producer_skew)
{
  plan.cell += consumer_skew;
  plan.headers += consumer_skew;
  plan.slots += consumer_skew;
  plan.credit += producer_skew;
  return plan;
}

const std::byte* element_at(const Field& field, const Extents& index)
{
  std::int64_t offset = 0;
  for (int i = 0; i < index.rank(); ++i) offset += index[i] * field.strides()[i];
  return static_cast<const std::byte*>(field.data()) + offset * size_of(field.dtype());
}

}  // namespace

OutLane::OutLane(Transport& transport, const LanePlan& plan, std::size_t peer_skew,
                 std::size_t own_skew, int depth)
    : transport_(transport),
      plan_(placed(plan, peer_skew, own_skew)),
      depth_(static_cast<std::size_t>(depth)),
      prepared_(plan.parts.size())
{}

bool OutLane::room() const
{
  return transport_.look(plan_.credit) + depth_ > next_;
}

std::size_t OutLane::slot() const
{
  return plan_.slots + static_cast<std::size_t>(next_ % depth_) * plan_.stride;
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
    prepared.route = transport_.route(move);
    prepared.strides = field.strides();
  }
  return *prepared.route;
}

void OutLane::put_box(std::size_t part, const Field& field)
{
  const Part& planned = plan_.parts[part];
  if (planned.patch.count.product() == 0) return;
  route(part, field, false)
      .run(element_at(field, planned.origin), plan_.consumer, slot() + planned.offset, 1);
}

void OutLane::put_samples(std::size_t part, const Field& field, std::int64_t first,
                          std::int64_t count, std::int64_t at)
{
  if (count == 0) return;
  const Part& planned = plan_.parts[part];
  const auto row = static_cast<std::size_t>(planned.patch.bytes());
  route(part, field, true)
      .run(element_at(field, Extents{first}), plan_.consumer,
           slot() + planned.offset + static_cast<std::size_t>(at) * row, count);
}

void OutLane::publish(const Header& header)
{
  const std::size_t at = plan_.headers + static_cast<std::size_t>(next_ % depth_) * line;
  transport_.write(plan_.consumer, at, &header, sizeof header);
  ++next_;
  transport_.raise(plan_.consumer, plan_.cell, next_);
}

void OutLane::close()
{
  if (!closed_) transport_.raise(plan_.consumer, plan_.cell, next_ | closed_mark);
  closed_ = true;
}

InLane::InLane(Transport& transport, const LanePlan& plan, std::size_t peer_skew,
               std::size_t own_skew, int depth)
    : transport_(transport),
      plan_(placed(plan, own_skew, peer_skew)),
      depth_(static_cast<std::size_t>(depth))
{}

bool InLane::ready() const
{
  return (transport_.look(plan_.cell) & ~closed_mark) > next_;
}

bool InLane::drained() const
{
  return transport_.look(plan_.cell) == (next_ | closed_mark);
}

const Header& InLane::header() const
{
  const std::size_t at = plan_.headers + static_cast<std::size_t>(next_ % depth_) * line;
  return *reinterpret_cast<const Header*>(transport_.memory() + at);
}

const std::byte* InLane::slot() const
{
  return transport_.memory() + plan_.slots +
         static_cast<std::size_t>(next_ % depth_) * plan_.stride;
}

const std::byte* InLane::data(std::size_t part) const
{
  return slot() + plan_.parts[part].offset;
}

void InLane::release()
{
  ++next_;
  transport_.raise(plan_.producer, plan_.credit, next_);
}

}  // namespace cardan::channel
