// The public channel: whole steps of boxes, or batches, on top of lanes.

#include "channel/lanes.hpp"
#include "mpi/comm.hpp"
#include "mpi/deadline.hpp"

#include <cardan/channel.hpp>
#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <exception>

namespace cardan {

using channel::Header;
using channel::InLane;
using channel::OutLane;

FieldSpec FieldSpec::of(const std::string& name, const Field& field)
{
  return {name, field.dtype(), field.shape(), field.box()};
}

struct Channel::Impl {
  Impl(MPI_Comm parent, const ChannelOptions& wanted, channel::End end)
      : options(wanted),
        comm(mpi::duplicate(parent)),
        mine(std::move(end)),
        lanes(comm.get(), wanted, mine)
  {}

  void check(std::span<const NamedField> fields) const;
  void wait_for_room(const OutLane& lane) const;
  [[nodiscard]] int next_ready();

  ChannelOptions options;
  mpi::Comm comm;
  channel::End mine;
  channel::Lanes lanes;
  std::size_t turn = 0;
  int exceptions = std::uncaught_exceptions();
};

struct Arrival::Slot {
  Channel::Impl& channel;
  /// The lane of a batch; -1 for boxes.
  int lane;
};

Channel::Channel(MPI_Comm comm, const ChannelOptions& options,
                 const std::vector<FieldSpec>& produced, const std::vector<FieldSpec>& consumed)
    : impl_(std::make_unique<Impl>(comm, options, channel::End{produced, consumed}))
{}

Channel::Channel(Channel&&) noexcept = default;

Channel::~Channel()
{
  if (!impl_) return;
  try {
    impl_->lanes.close();
  } catch (const Error&) {
    // The peer is gone; there is nobody left to tell.
    impl_->lanes.abandon();
  }
  if (std::uncaught_exceptions() > impl_->exceptions) impl_->lanes.abandon();
}

void Channel::Impl::check(std::span<const NamedField> fields) const
{
  const auto refuse = [&](const std::string& what, const std::string& reason) {
    throw Error{fmt::format("channel '{}': {}", options.name, what), reason,
                "Put what was declared when the channel was opened."};
  };
  if (fields.size() != mine.produced.size())
    refuse(fmt::format("{} fields are put", fields.size()),
           fmt::format("{} were declared", mine.produced.size()));
  for (std::size_t f = 0; f < fields.size(); ++f) {
    const FieldSpec& spec = mine.produced[f];
    const Field& field = fields[f].field;
    if (fields[f].name != spec.name)
      refuse(fmt::format("field '{}' is put", fields[f].name),
             fmt::format("'{}' was declared", spec.name));
    if (field.dtype() != spec.dtype)
      refuse(fmt::format("field '{}' has dtype {}", spec.name, to_string(field.dtype())),
             fmt::format("{} was declared", to_string(spec.dtype)));
    const bool fits = spec.box ? field.shape() == spec.shape
                               : field.shape().tail() == spec.shape.tail() &&
                                     field.samples() <= std::max<std::int64_t>(1, spec.shape[0]);
    if (!fits)
      refuse(fmt::format("field '{}' has shape {}", spec.name, to_string(field.shape())),
             fmt::format("{} was declared", to_string(spec.shape)));
    if (field.samples() != fields.front().field.samples() && !spec.box)
      refuse(fmt::format("field '{}' has {} samples", spec.name, field.samples()),
             fmt::format("'{}' has {}", fields.front().name, fields.front().field.samples()));
  }
}

void Channel::Impl::wait_for_room(const OutLane& lane) const
{
  if (mpi::wait_until([&] { return lane.room(); }, mpi::Deadline::in(options.deadline))) return;
  throw Late{fmt::format("channel '{}': rank {} freed no slot within {} s", options.name,
                         lane.consumer(), options.deadline),
             fmt::format("the ring of {} slots is full", lanes.plan().depth),
             "Is that rank alive and reading?"};
}

void Channel::put(std::int64_t step, std::span<const NamedField> fields)
{
  impl_->check(fields);
  const auto consumers = static_cast<int>(impl_->lanes.out().size());
  const bool boxes = impl_->lanes.plan().boxes;
  for (int q = 0; q < consumers; ++q) {
    OutLane& lane = impl_->lanes.out()[static_cast<std::size_t>(q)];
    impl_->wait_for_room(lane);
    Header header;
    header.step = step;
    header.count = 1;
    const auto cut = channel::cut_evenly(fields.front().field.samples(), consumers, q);
    if (!boxes) header.count = cut.count;
    for (std::size_t f = 0; f < fields.size(); ++f) {
      if (boxes)
        lane.put_box(f, fields[f].field);
      else
        lane.put_samples(f, fields[f].field, cut.first, cut.count);
    }
    lane.publish(header);
  }
}

void Channel::put(std::int64_t step, std::initializer_list<NamedField> fields)
{
  put(step, std::span<const NamedField>(fields.begin(), fields.size()));
}

/// The next lane with a batch, taking turns; for boxes 0 when all lanes have the step; -1 while
/// there is none.
int Channel::Impl::next_ready()
{
  auto& in = lanes.in();
  if (lanes.plan().boxes)
    return std::all_of(in.begin(), in.end(), [](const InLane& lane) { return lane.ready(); }) ? 0
                                                                                              : -1;
  for (std::size_t i = 0; i < in.size(); ++i) {
    const std::size_t candidate = (turn + i) % in.size();
    if (!in[candidate].ready()) continue;
    turn = candidate + 1;
    return static_cast<int>(candidate);
  }
  return -1;
}

std::optional<Arrival> Channel::take()
{
  auto& lanes = impl_->lanes;
  int found = -1;
  bool over = lanes.in().empty();
  const auto arrived = [&] {
    if (over) return true;
    found = impl_->next_ready();
    over =
        found < 0 && (lanes.plan().boxes ? std::any_of(lanes.in().begin(), lanes.in().end(),
                                                       [](const InLane& l) { return l.drained(); })
                                         : lanes.drained());
    return found >= 0 || over;
  };
  if (!mpi::wait_until(arrived, mpi::Deadline::in(impl_->options.deadline)))
    throw Late{fmt::format("channel '{}': no step arrived within {} s", impl_->options.name,
                           impl_->options.deadline),
               "a producer is late or gone", "Is [run] deadline too short?"};
  if (over) return std::nullopt;
  auto slot =
      std::make_unique<Arrival::Slot>(Arrival::Slot{*impl_, lanes.plan().boxes ? -1 : found});
  return Arrival{std::move(slot)};
}

void Channel::close()
{
  impl_->lanes.close();
}

TransportKind Channel::transport() const
{
  return impl_->lanes.transport();
}

int Channel::depth() const
{
  return impl_->lanes.plan().depth;
}

std::size_t Channel::window_bytes() const
{
  return impl_->lanes.plan().bytes;
}

int Channel::peers() const
{
  return static_cast<int>(impl_->lanes.plan().in.size() + impl_->lanes.plan().out.size());
}

Arrival::Arrival(std::unique_ptr<Slot> slot) : slot_(std::move(slot)) {}

Arrival::Arrival(Arrival&&) noexcept = default;

Arrival::~Arrival()
{
  if (!slot_) return;
  auto& in = slot_->channel.lanes.in();
  try {
    if (slot_->lane >= 0)
      in[static_cast<std::size_t>(slot_->lane)].release();
    else
      for (auto& lane : in) lane.release();
  } catch (const Error&) {
    // A producer that is gone needs no credit.
    return;
  }
}

std::int64_t Arrival::step() const
{
  const auto lane = static_cast<std::size_t>(slot_->lane < 0 ? 0 : slot_->lane);
  return slot_->channel.lanes.in()[lane].header().step;
}

int Arrival::producer() const
{
  return slot_->lane < 0
             ? -1
             : slot_->channel.lanes.in()[static_cast<std::size_t>(slot_->lane)].producer();
}

Field Arrival::field(const std::string& name) const
{
  const auto lane_index = static_cast<std::size_t>(slot_->lane < 0 ? 0 : slot_->lane);
  const InLane& lane = slot_->channel.lanes.in()[lane_index];
  const auto& plan = slot_->channel.lanes.plan();
  const auto& consumed = slot_->channel.mine.consumed;
  std::size_t begin = 0;
  for (std::size_t f = 0; f < consumed.size(); ++f) {
    const FieldSpec& spec = consumed[f];
    if (spec.name == name) {
      if (!plan.boxes) {
        Extents shape = spec.shape;
        if (shape.rank() > 0) shape[0] = lane.header().count;
        return {lane.data(f), spec.dtype, true, shape, row_major(shape)};
      }
      return Field{lane.slot() + begin, spec.dtype, true, spec.shape, row_major(spec.shape)}.in(
          *spec.box);
    }
    const auto bytes = static_cast<std::size_t>(spec.shape.product() * size_of(spec.dtype));
    begin += (bytes + channel::line - 1) / channel::line * channel::line;
  }
  throw Error{fmt::format("channel '{}' has no field '{}'", slot_->channel.options.name, name)};
}

}  // namespace cardan
