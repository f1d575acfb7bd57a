// A client's begin and end, and its requests from the call to the end.

#include "couplers/service/client.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace cardan::service {

Client::Client(const Context& context, const ServiceSettings& settings, const Binding& mine)
    : context_(context),
      settings_(settings),
      fields_(mine),
      most_(1),
      random_(
          static_cast<std::uint64_t>(mpi::rank(context.everyone.get())) * 0x9e3779b97f4a7c15ULL + 1)
{
  const bool served = context.count(&Roles::simulation) < static_cast<int>(context.roles.size());
  if (served) {
    ends_ = std::make_unique<Ends>(context, settings, mine);
    // Handlers are made: what cannot be is an error of all ranks.
    mpi::together(context.everyone.get(), context.deadline(), [] {});
    bootstrap_.windows = ends_->window_seconds;
    peers_.resize(ends_->ranks.size());
    most_ = peers_.size() * static_cast<std::size_t>(settings.depth);
  }
  live_.reserve(most_);
  unsent_.reserve(most_);
  free_.reserve(2 * most_);
  for (std::size_t i = 0; i < 2 * most_; ++i) {
    slots_.emplace_back();
    slots_.back().inputs.reserve(mine.inputs.size());
    slots_.back().outputs.reserve(mine.outputs.size());
    free_.push_back(2 * most_ - 1 - i);
  }
  turn_ =
      peers_.empty() ? 0 : static_cast<std::size_t>(mpi::rank(context.part.get())) % peers_.size();
  opened_ = swept_ = clock();
  for (auto& peer : peers_) peer.moved = opened_;
}

Client::~Client()
{
  if (abandoned_) return;
  try {
    close();
  } catch (const Error&) {
    // The instances are gone: nobody is left to tell.
    if (ends_) ends_->abandon();
  }
}

void Client::close()
{
  if (closed_) return;
  closed_ = true;
  while (!live_.empty()) end(live_.back(), RequestStatus::cancelled);
  if (ends_) ends_->close();
}

/// Requests end by their own deadlines.
void Client::part()
{
  mpi::wait_until(
      [&] {
        poll();
        return live_.empty();
      },
      context_.deadline());
  close();
}

void Client::abandon() noexcept
{
  abandoned_ = true;
  if (ends_) ends_->abandon();
}

void Client::check(Fields fields, const std::vector<FieldSpec>& declared, const char* what,
                   std::int64_t samples) const
{
  if (fields.size() != declared.size())
    throw Error{fmt::format("service '{}' has {} {}; a request has {}", settings_.name,
                            declared.size(), what, fields.size())};
  for (std::size_t i = 0; i < declared.size(); ++i) {
    const std::string_view name = fields[i].name;
    const Field& field = fields[i].field;
    const FieldSpec& spec = declared[i];
    const auto refuse = [&](const std::string& why, const char* remedy = "") {
      throw Error{fmt::format("a request to service '{}' has '{}': {} {}", settings_.name, name,
                              to_string(field.dtype()), to_string(field.shape())),
                  why, remedy};
    };
    const bool same = name == spec.name && field.dtype() == spec.dtype &&
                      field.shape().rank() == spec.shape.rank() &&
                      field.shape().tail() == spec.shape.tail();
    if (!same)
      refuse(fmt::format("declared is '{}': {} {}, of which the first extent may be smaller",
                         spec.name, to_string(spec.dtype), to_string(spec.shape)));
    if (field.samples() < 1) refuse("a request has at least one sample");
    if (field.samples() > spec.shape[0])
      refuse(fmt::format("{} samples were declared at most", spec.shape[0]),
             "Declare more when the service is opened, or ask several times.");
    if (field.samples() != samples)
      refuse(fmt::format("the first field has {} samples; they must be equal", samples));
  }
}

std::size_t Client::take_slot()
{
  if (free_.empty()) {
    // Only where futures of ended requests are kept.
    slots_.emplace_back();
    free_.reserve(slots_.size());
    return slots_.size() - 1;
  }
  const std::size_t index = free_.back();
  free_.pop_back();
  return index;
}

Future Client::request(Fields inputs, Fields outputs, const RequestOptions& options)
{
  const std::int64_t begun = clock();
  const std::int64_t samples = !inputs.empty() ? inputs.front().field.samples() : 0;
  check(inputs, fields_.inputs, "inputs", samples);
  check(outputs, fields_.outputs, "outputs", samples);
  for (const auto& output : outputs) static_cast<void>(output.field.writable());
  const double patience = options.deadline.value > 0 ? options.deadline.value : settings_.deadline;
  const std::int64_t deadline = begun + nanoseconds(patience);
  // The windows hold so many requests: one has to end first.
  if (live_.size() >= most_)
    mpi::wait_until(
        [&] {
          poll();
          return live_.size() < most_ || clock() >= deadline;
        },
        mpi::Deadline::in(patience));

  const std::size_t index = take_slot();
  Slot& slot = slots_[index];
  slot.ticket = (++tickets_ << 20) | static_cast<std::int64_t>(index & 0xfffff);
  slot.held = true;
  slot.instance = slot.failed_at = slot.answered_by = -1;
  slot.attempt = 0;
  slot.not_before = 0;
  slot.failures = slot.moves = 0;
  slot.priority = options.priority;
  slot.samples = samples;
  slot.version = 0;
  slot.begun = begun;
  slot.deadline = deadline;
  slot.times = {};
  slot.inputs.clear();
  slot.outputs.clear();
  for (const auto& input : inputs) slot.inputs.push_back(input.field);
  for (const auto& output : outputs) slot.outputs.push_back(output.field);
  ++counters_.requested;
  if (live_.size() >= most_) {
    slot.status = RequestStatus::late;
    ++counters_.late;
    return {*this, index, context_.life};
  }
  slot.status = RequestStatus::waiting;
  slot.place = live_.size();
  live_.push_back(index);
  if (closed_ || peers_.empty() || all_gone())
    end(index, RequestStatus::failed);
  else if (!unsent_.empty() || !send(index, begun))
    unsent_.push_back(index);
  if (begun - swept_ > sweep_every) poll();
  return {*this, index, context_.life};
}

/// Requests that are sent no more than once end here; what comes for them later is stale.
bool Client::end(std::size_t index, RequestStatus status)
{
  Slot& slot = slots_[index];
  if (slot.status != RequestStatus::waiting) return false;
  if (slot.instance < 0)
    unsent_.erase(std::remove(unsent_.begin(), unsent_.end(), index), unsent_.end());
  detach(slot);
  slot.status = status;
  slot.times.total = seconds(clock() - slot.begun);
  slots_[live_.back()].place = slot.place;
  live_[slot.place] = live_.back();
  live_.pop_back();
  counters_.answered += status == RequestStatus::answered;
  counters_.late += status == RequestStatus::late;
  counters_.cancelled += status == RequestStatus::cancelled;
  counters_.failed += status == RequestStatus::failed;
  if (!slot.held) free_.push_back(index);
  return true;
}

/// Its instance is not counted on any more.
void Client::detach(Slot& slot)
{
  if (slot.instance >= 0) --peers_[static_cast<std::size_t>(slot.instance)].outstanding;
  slot.instance = -1;
}

RequestStatus Client::wait_for(std::size_t index, double patience)
{
  const Slot& slot = slots_[index];
  if (slot.status != RequestStatus::waiting || patience <= 0) {
    poll();
    return slot.status;
  }
  mpi::wait_until(
      [&] {
        poll();
        return slot.status != RequestStatus::waiting;
      },
      mpi::Deadline::in(patience));
  return slot.status;
}

RequestStatus Client::wait(std::size_t index)
{
  const Slot& slot = slots_[index];
  const double left = seconds(slot.deadline - clock());
  wait_for(index, std::max(left, 0.0) + 1e-3);
  if (slot.status == RequestStatus::waiting) end(index, RequestStatus::late);
  return slot.status;
}

bool Client::cancel(std::size_t index)
{
  return end(index, RequestStatus::cancelled);
}

void Client::forget(std::size_t index)
{
  cancel(index);
  slots_[index].held = false;
  free_.push_back(index);
}

InstanceView Client::instance(int index) const
{
  if (index < 0 || index >= instances())
    throw Error{fmt::format("service '{}' has no instance {}", settings_.name, index),
                fmt::format("it has {}", instances())};
  const auto i = static_cast<std::size_t>(index);
  const Peer& peer = peers_[i];
  InstanceView view;
  view.rank = ends_->ranks[i];
  view.on_this_node = ends_->on_this_node[i];
  view.state = peer.status.state;
  view.stalled = peer.stalled;
  view.version = peer.status.version;
  view.queued = static_cast<int>(peer.status.queued);
  view.outstanding = peer.outstanding;
  view.heartbeat_age = seconds(clock() - peer.moved);
  return view;
}

}  // namespace cardan::service
