// Answers: waited for until the deadline, taken by all asset ranks or by none.

#include "couplers/steering/fields.hpp"
#include "couplers/twin/client.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace cardan::twin {

namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

}  // namespace

Moment Client::due() const
{
  const double seconds =
      std::isfinite(settings_.deadline) ? settings_.deadline : context_.settings.deadline;
  return after(settings_.realtime ? tick(cycle_) : sent_, seconds);
}

Mark Client::mark_of(const steering::Incoming& incoming) const
{
  Mark mark;
  std::memcpy(&mark, incoming.data(answer_.size()), sizeof mark);
  return mark;
}

/// Whether the answer to this cycle is here. Those to cycles before it came too late.
bool Client::look()
{
  while (!here_) {
    const auto incoming = client_.next();
    if (!incoming) return false;
    if (incoming->header.step == cycle_) {
      here_ = incoming;
    } else {
      ++counters_.late;
      record(*incoming, true, false);
    }
  }
  return true;
}

/// An answer that was sent in time is on time, also where the asset asks for it later; where clocks
/// differ it counts when it is seen.
Client::Known Client::wait(Moment until, Moment due)
{
  static_cast<void>(mpi::wait_until([&] { return look() || client_.over(); },
                                    mpi::Deadline::in(between(now(), until))));
  if (!here_) return Known::nothing;
  const Moment sent{std::chrono::nanoseconds{mark_of(*here_).sent}};
  const Moment when = client_.ends().one_clock ? std::min(sent, now()) : now();
  return when <= due ? Known::on_time : Known::too_late;
}

/// What the rank knows that knows least.
Client::Known Client::agree(Known mine)
{
  if (ranks_ == 1) return mine;
  int known = static_cast<int>(mine);
  MPI_Request request = MPI_REQUEST_NULL;
  mpi::check(
      MPI_Iallreduce(MPI_IN_PLACE, &known, 1, MPI_INT, MPI_MIN, context_.part.get(), &request),
      "MPI_Iallreduce");
  mpi::wait(request, context_.deadline(), "the answer of a twin");
  return static_cast<Known>(known);
}

TwinOutcome Client::answer(Twin::FieldList fields)
{
  steering::check_fields(settings_.name, fields, answer_, "answer");
  for (const auto& each : fields) static_cast<void>(each.field.writable());
  if (published_ < 0 || published_ != cycle_ || answered_ == cycle_)
    throw Error{fmt::format("twin '{}' is asked for an answer", settings_.name),
                published_ < 0 || published_ != cycle_
                    ? "this cycle's observation was not published"
                    : fmt::format("that to cycle {} was asked for before", cycle_),
                "Begin a cycle, publish, and ask once."};
  answered_ = cycle_;
  ++counters_.cycles;
  if (!client_.coupled()) {
    for (std::size_t f = 0; f < defaults_.size(); ++f)
      steering::store(defaults_[f].data(), fields[f].field);
    return TwinOutcome::none;
  }
  here_.reset();
  const Moment deadline = due();
  const Known known = agree(wait(deadline, deadline));
  const bool sound = known == Known::nothing || !settings_.finite || mark_of(*here_).finite != 0;
  if (known == Known::on_time && sound) {
    take(fields, deadline);
    ++counters_.on_time;
    outage_ = 0;
    record(*here_, false, true);
    client_.release();
    return TwinOutcome::on_time;
  }
  miss(fields, deadline);
  return TwinOutcome::missed;
}

void Client::take(Twin::FieldList fields, Moment deadline)
{
  for (std::size_t f = 0; f < fields.size(); ++f) steering::store(here_->data(f), fields[f].field);
  const Mark mark = mark_of(*here_);
  const Moment moment = now();
  const Moment sent{std::chrono::nanoseconds{mark.sent}};
  stamp_.cycle = cycle_;
  stamp_.observed = mark.observed;
  stamp_.age_cycles = cycle_ - mark.observed;
  stamp_.version = here_->header.version;
  stamp_.latency = between(sent_, moment);
  stamp_.work = here_->header.work;
  stamp_.slack = between(client_.ends().one_clock ? std::min(sent, moment) : moment, deadline);
}

void Client::miss(Twin::FieldList fields, Moment deadline)
{
  ++counters_.missed;
  counters_.longest_outage = std::max(counters_.longest_outage, ++outage_);
  const auto throw_late = [&](const std::string& why) {
    throw Late{fmt::format("twin '{}' has not answered cycle {}", settings_.name, cycle_), why,
               "Give it a longer deadline, or set late = \"last\" to go on without."};
  };
  const bool came = here_.has_value();
  const bool finite = !came || !settings_.finite || mark_of(*here_).finite != 0;
  if (settings_.miss == Miss::stop) {
    throw_late(finite ? fmt::format("{:g} ms were given", 1e3 * (std::isfinite(settings_.deadline)
                                                                     ? settings_.deadline
                                                                     : context_.settings.deadline))
                      : "its answer is not a number");
  }
  if (settings_.miss == Miss::wait && finite) {
    const Moment last = after(now(), context_.settings.deadline);
    if (agree(wait(last, deadline)) == Known::nothing)
      throw_late("the run's deadline passed as well");
    ++counters_.late;
    if (!settings_.finite || mark_of(*here_).finite != 0) {
      take(fields, deadline);
      record(*here_, true, true);
      client_.release();
      return;
    }
    record(*here_, true, false);
  } else if (came) {
    if (finite) ++counters_.late;
    record(*here_, finite, false);
  }
  if (here_) client_.release();
  for (std::size_t f = 0; f < defaults_.size(); ++f)
    steering::store(defaults_[f].data(), fields[f].field);
  stamp_.age_cycles = cycle_ - stamp_.observed;
  stamp_.latency = stamp_.work = unknown;
  stamp_.slack = std::min(0.0, between(now(), deadline));
}

void Client::record(const steering::Incoming& incoming, bool late, bool applied)
{
  if (!journal_.open()) return;
  const auto& header = incoming.header;
  DecisionStamp stamp;
  stamp.id = header.id;
  stamp.rank = incoming.rank;
  stamp.step = header.step;
  stamp.age_steps = cycle_ - mark_of(incoming).observed;
  stamp.version = header.version;
  // Of an answer to an earlier cycle nobody knows any more when that was published.
  stamp.latency = header.step == cycle_ ? between(sent_, now()) : unknown;
  stamp.work = header.work;
  stamp.reason = incoming.reason;
  for (std::size_t f = 0; f < columns_.size(); ++f) columns_[f] = incoming.data(f);
  journal_.record({context_.loop, cycle_, stamp, late, applied, client_.superseded()}, {},
                  columns_.data());
}

}  // namespace cardan::twin
