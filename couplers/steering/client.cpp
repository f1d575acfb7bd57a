#include "couplers/steering/client.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace cardan::steering {

namespace {

/// A whole array as the one sample of a slot.
Field as_sample(const Field& field)
{
  Extents shape = Extents::filled(field.shape().rank() + 1, 1);
  Extents strides = Extents::filled(field.shape().rank() + 1, field.shape().product());
  for (int d = 0; d < field.shape().rank(); ++d) {
    shape[d + 1] = field.shape()[d];
    strides[d + 1] = field.strides()[d];
  }
  return {field.data(), field.dtype(), true, shape, strides};
}

}  // namespace

bool suits(const Field& field, const Feature& feature)
{
  bool suits = field.dtype() == feature.dtype && !field.box() &&
               field.shape().rank() == static_cast<int>(feature.shape.size());
  for (int d = 0; suits && d < field.shape().rank(); ++d)
    suits = field.shape()[d] == feature.shape[static_cast<std::size_t>(d)];
  return suits;
}

Client::Client(const Context& context, const Declaration& declaration)
    : context_(context), ends_(context, declaration)
{
  if (!coupled()) return;
  replaced_.assign(ends_.deciders.size(), 0);
  const int to = ends_.reports->out().front().consumer();
  mine_ = static_cast<std::size_t>(std::find(ends_.deciders.begin(), ends_.deciders.end(), to) -
                                   ends_.deciders.begin());
  // Ranks begin with different deciders.
  turn_ = mine_;
  // Deciders are made: what cannot be is an error of all ranks.
  mpi::together(context.everyone.get(), context.deadline(), [] {});
}

bool Client::decider_left()
{
  auto& lane = ends_.decisions->in()[mine_];
  static_cast<void>(lane.look());
  return lane.closed();
}

bool Client::room(channel::OutLane& lane, Full full)
{
  if (lane.room()) {
    stalled_ = false;
    return !decider_left();
  }
  if (full == Full::drop || stalled_) return false;
  bool left = false;
  const bool came = mpi::wait_until(
      [&] {
        left = decider_left();
        return left || lane.room();
      },
      context_.deadline());
  stalled_ = !came;
  dropped_ += came ? 0 : 1;
  if (stalled_)
    throw Late{fmt::format("a report to '{}' found no room", ends_.declared.name),
               fmt::format("rank {} has not read what it was sent for {:g} s",
                           ends_.deciders[mine_], context_.settings.deadline),
               "Set full = \"drop\" to go on without, or report less often."};
  return !left;
}

bool Client::report(const ReportHeader& header, std::span<const Field> fields, Full full)
{
  const auto& declared = ends_.declared.report;
  if (fields.size() != declared.size())
    throw Error{fmt::format("a report to '{}' has {} field{}", ends_.declared.name, fields.size(),
                            fields.size() == 1 ? "" : "s"),
                fmt::format("declared are {}", declared.size())};
  for (std::size_t f = 0; f < fields.size(); ++f)
    if (!suits(fields[f], declared[f]))
      throw Error{
          fmt::format("a report to '{}' has '{}' as {} {}", ends_.declared.name, declared[f].name,
                      to_string(fields[f].dtype()), to_string(fields[f].shape())),
          fmt::format("declared is {} {}", to_string(declared[f].dtype),
                      to_string(Extents{declared[f].shape}))};
  const std::int64_t number = reported_++;
  if (!coupled() || closed_) return false;
  auto& lane = ends_.reports->out().front();
  if (!room(lane, full)) {
    ++dropped_;
    return false;
  }
  ReportHeader stamped = header;
  stamped.number = number;
  stamped.clock = clock();
  for (std::size_t f = 0; f < fields.size(); ++f) lane.put_samples(f, as_sample(fields[f]), 0, 1);
  lane.publish(to_header(stamped));
  return true;
}

/// A reason without an end, from a slot that nobody filled in, is cut.
Incoming Client::hold(std::size_t index)
{
  const auto& lane = ends_.decisions->in()[index];
  Incoming incoming;
  incoming.header = read_header<DecisionHeader>(lane.header());
  incoming.rank = ends_.deciders[index];
  incoming.lane = &lane;
  const auto* reason = reinterpret_cast<const char*>(lane.data(ends_.declared.decision.size()));
  incoming.reason = {
      reason, static_cast<std::size_t>(std::find(reason, reason + reason_bytes, '\0') - reason)};
  replaced_[index] = std::max(replaced_[index], incoming.header.superseded);
  held_ = static_cast<int>(index);
  turn_ = index + 1;
  return incoming;
}

std::optional<Incoming> Client::next()
{
  release();
  if (!coupled()) return {};
  auto& lanes = ends_.decisions->in();
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    const std::size_t index = (turn_ + i) % lanes.size();
    if (!lanes[index].ready()) continue;
    ++arrived_;
    return hold(index);
  }
  return {};
}

std::optional<Incoming> Client::newest()
{
  release();
  if (!coupled()) return {};
  auto& lanes = ends_.decisions->in();
  std::optional<std::size_t> best;
  DecisionHeader of_best;
  for (std::size_t index = 0; index < lanes.size(); ++index) {
    auto& lane = lanes[index];
    const std::uint64_t known = lane.look();
    if (known == lane.next()) continue;
    const auto waiting = static_cast<std::int64_t>(known - lane.next());
    arrived_ += waiting;
    passed_over_ += waiting - 1;
    lane.advance(known - 1);
    const auto header = read_header<DecisionHeader>(lane.header());
    replaced_[index] = std::max(replaced_[index], header.superseded);
    std::size_t loser = index;
    const bool newer =
        !best || header.step > of_best.step ||
        (header.step == of_best.step && (!ends_.one_clock || header.clock >= of_best.clock));
    if (newer) {
      loser = best.value_or(index);
      best = index;
      of_best = header;
    }
    if (loser == *best) continue;
    ++passed_over_;
    lanes[loser].release();
  }
  if (!best) return {};
  return hold(*best);
}

void Client::release()
{
  if (held_ < 0) return;
  ends_.decisions->in()[static_cast<std::size_t>(held_)].release();
  held_ = -1;
}

bool Client::over()
{
  return !coupled() || (held_ < 0 && ends_.decisions->drained());
}

std::int64_t Client::superseded() const
{
  return std::accumulate(replaced_.begin(), replaced_.end(), passed_over_);
}

void Client::close()
{
  if (closed_) return;
  closed_ = true;
  ends_.close();
}

}  // namespace cardan::steering
