#include "couplers/twin/client.hpp"

#include "channel/patch.hpp"
#include "couplers/steering/fields.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <utility>

namespace cardan::twin {

Client::Client(const Context& context, const Settings& settings, const Features& observation,
               const Features& answer, std::vector<std::vector<std::byte>> defaults,
               const provenance::Journal& journal)
    : context_(context),
      settings_(settings),
      defaults_(std::move(defaults)),
      answer_(answer),
      client_(context, declaration_of(settings, observation, answer)),
      journal_(journal),
      columns_(answer.size()),
      rank_(mpi::rank(context.part.get())),
      ranks_(mpi::size(context.part.get()))
{
  if (!settings_.faults.seed) settings_.faults.seed = context.settings.seed;
  std::size_t bytes = 0;
  for (const auto& feature : observation) {
    offsets_.push_back(bytes);
    bytes += static_cast<std::size_t>((feature.bytes() + 7) / 8 * 8);
  }
  nothing_.resize(bytes);
  staged_.reserve(observation.size());
  // The trainer is made: what cannot be is an error of all ranks.
  if (client_.coupled()) mpi::together(context.everyone.get(), context.deadline(), [] {});
}

Client::~Client()
{
  if (abandoned_) return;
  try {
    client_.close();
  } catch (const Error&) {
    // The twin is gone: nobody is left to tell.
    client_.abandon();
  }
}

void Client::abandon() noexcept
{
  abandoned_ = true;
  client_.abandon();
}

Moment Client::tick(std::int64_t cycle) const
{
  return after(origin_, settings_.period * static_cast<double>(cycle - first_));
}

void Client::begin(std::int64_t cycle)
{
  if (cycle <= cycle_ || cycle < 0)
    throw Error{fmt::format("cycle {} of twin '{}' is begun", cycle, settings_.name),
                cycle_ < 0 ? "they are counted from 0" : fmt::format("{} was before it", cycle_),
                "Begin each once, in order."};
  cycle_ = cycle;
  if (first_ < 0) {
    first_ = cycle;
    if (settings_.realtime && ranks_ > 1) {
      MPI_Request request = MPI_REQUEST_NULL;
      mpi::check(MPI_Ibarrier(context_.part.get(), &request), "MPI_Ibarrier");
      mpi::wait(request, context_.deadline(), "the first cycle of a twin");
    }
    origin_ = now();
  }
  if (!settings_.realtime) return;
  const Moment moment = tick(cycle);
  if (between(moment, now()) > 0.1 * settings_.period) ++counters_.overrun;
  wait_for(moment);
}

void Client::publish(Twin::FieldList observation)
{
  steering::check_fields(settings_.name, observation, client_.ends().declared.report,
                         "observation");
  if (cycle_ < 0 || published_ == cycle_)
    throw Error{fmt::format("twin '{}' is given an observation", settings_.name),
                cycle_ < 0 ? "no cycle has begun" : fmt::format("cycle {} has one", cycle_),
                "Begin a cycle, and publish once in it."};
  published_ = cycle_;
  send_held_back();
  const Fault fault = fault_of(settings_.faults, rank_, cycle_);
  if (fault.delay > 0) wait_for(after(now(), fault.delay));
  sent_ = now();
  switch (fault.fate) {
    case Fate::published:
      staged_.clear();
      for (const auto& each : observation) staged_.push_back(each.field);
      send(cycle_, Kind::present, staged_);
      break;
    case Fate::held_back:
      ++counters_.delayed;
      hold_back(observation);
      send_dense(cycle_, Kind::absent, nothing_);
      break;
    case Fate::dropped:
      ++counters_.dropped;
      send_dense(cycle_, Kind::absent, nothing_);
      break;
  }
}

void Client::send(std::int64_t cycle, Kind kind, std::span<const Field> fields)
{
  steering::ReportHeader header;
  header.step = cycle;
  header.tag = static_cast<std::int32_t>(kind);
  const Moment moment = now();
  header.values[0] = std::isfinite(settings_.deadline) ? between(moment, due())
                                                       : std::numeric_limits<double>::infinity();
  header.values[1] = settings_.realtime ? between(moment, tick(cycle_ + 1))
                                        : std::numeric_limits<double>::quiet_NaN();
  const bool went = client_.report(header, fields, steering::Full::drop);
  if (!went && client_.coupled()) ++counters_.full;
}

void Client::send_dense(std::int64_t cycle, Kind kind, const std::vector<std::byte>& bytes)
{
  const Features& declared = client_.ends().declared.report;
  staged_.clear();
  for (std::size_t f = 0; f < declared.size(); ++f) {
    const Extents shape{declared[f].shape};
    staged_.emplace_back(bytes.data() + offsets_[f], declared[f].dtype, true, shape,
                         row_major(shape));
  }
  send(cycle, kind, staged_);
}

void Client::hold_back(Twin::FieldList observation)
{
  HeldBack held;
  held.cycle = cycle_;
  held.bytes.resize(nothing_.size());
  for (std::size_t f = 0; f < observation.size(); ++f) {
    const channel::Patch from = channel::patch_of(observation[f].field, false);
    channel::copy(from, static_cast<const std::byte*>(observation[f].field.data()),
                  channel::patch_in(from.count, from.count, from.element),
                  held.bytes.data() + offsets_[f]);
  }
  held_back_.push_back(std::move(held));
}

void Client::send_held_back()
{
  while (!held_back_.empty() && held_back_.front().cycle + settings_.faults.late_cycles <= cycle_) {
    send_dense(held_back_.front().cycle, Kind::late, held_back_.front().bytes);
    held_back_.pop_front();
  }
}

}  // namespace cardan::twin
