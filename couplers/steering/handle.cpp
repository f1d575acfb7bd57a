#include "couplers/steering/handle.hpp"

#include "couplers/steering/fields.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace cardan::steering {

Handle::Handle(const Context& context, const SteeringSettings& settings,
               const Declaration& declaration, std::vector<std::vector<std::byte>> defaults,
               const provenance::Journal& journal)
    : context_(context),
      settings_(settings),
      defaults_(std::move(defaults)),
      client_(context, declaration),
      journal_(journal),
      columns_(declaration.decision.size())
{
  staged_.reserve(declaration.report.size());
  auto& kept = context.kept[settings_.name];
  if (!kept) kept = std::make_shared<Kept>();
  kept_ = kept;
  counters_ = kept_->counters;
}

Handle::~Handle()
{
  if (abandoned_) return;
  try {
    client_.close();
  } catch (const Error&) {
    // The deciders are gone: nobody is left to tell.
    client_.abandon();
  }
}

/// A newer decision takes the place of the one that is kept.
void Handle::keep(const Incoming& incoming)
{
  if (kept_->waits) ++outdated_;
  kept_->waits = true;
  kept_->header = incoming.header;
  kept_->rank = incoming.rank;
  kept_->reason = incoming.reason;
  const auto& decision = client_.ends().declared.decision;
  kept_->columns.resize(decision.size());
  for (std::size_t f = 0; f < decision.size(); ++f)
    kept_->columns[f].assign(incoming.data(f), incoming.data(f) + decision[f].bytes());
}

void Handle::part()
{
  client_.close();
  const bool all = mpi::wait_until(
      [&] {
        while (const auto incoming = client_.newest()) keep(*incoming);
        return client_.over();
      },
      context_.deadline());
  if (!all)
    throw Late{"a decision of '" + settings_.name + "' that is on its way did not come",
               "the ranks are split anew",
               "Is its decider at work for longer than [run] deadline?"};
  kept_->counters = counters();
}

/// What has come, else what was kept of the split before.
std::optional<Incoming> Handle::newest()
{
  auto incoming = client_.newest();
  if (!kept_->waits) return incoming;
  kept_->waits = false;
  if (incoming) {
    ++outdated_;
    return incoming;
  }
  return Incoming{kept_->header, kept_->rank, kept_->reason, nullptr, &kept_->columns};
}

void Handle::abandon() noexcept
{
  abandoned_ = true;
  client_.abandon();
}

void Handle::report(Fields fields)
{
  check_fields(settings_.name, fields, client_.ends().declared.report, "report");
  staged_.clear();
  for (const auto& each : fields) staged_.push_back(each.field);
  ReportHeader header;
  header.step = context_.step;
  static_cast<void>(client_.report(header, staged_, settings_.full));
}

void Handle::check_decision(Fields fields) const
{
  check_fields(settings_.name, fields, client_.ends().declared.decision, "decision");
  for (const auto& each : fields) static_cast<void>(each.field.writable());
}

bool Handle::poll(Fields fields)
{
  check_decision(fields);
  if (take(fields)) return true;
  nothing(fields);
  return false;
}

bool Handle::wait(Fields fields, double seconds)
{
  check_decision(fields);
  bool taken = false;
  static_cast<void>(mpi::wait_until(
      [&] {
        taken = take(fields);
        return taken || client_.over();
      },
      mpi::Deadline::in(seconds > 0 ? seconds : settings_.deadline)));
  if (!taken) nothing(fields);
  return taken;
}

/// The newest decision that waits, unless another decider's that was made from a later step was
/// applied before, or it is late and the run file has such dropped.
bool Handle::take(Fields fields)
{
  const auto incoming = newest();
  if (!incoming) return false;
  const DecisionHeader& header = incoming->header;
  const bool outdated = stamp_.id > 0 && loop_ == context_.loop && incoming->rank != stamp_.rank &&
                        header.step < stamp_.step;
  // A decision from an earlier loop, or from no report, has no age.
  const std::int64_t age =
      header.step < 0 ? 0 : std::max<std::int64_t>(0, context_.step - header.step);
  const bool late = !outdated && age > settings_.max_age;
  const bool applied = !outdated && (!late || settings_.apply_late);
  if (outdated) ++outdated_;
  if (late) ++counters_.late;
  const DecisionStamp stamp = stamp_of(*incoming, age);
  if (applied) {
    ++counters_.applied;
    for (std::size_t f = 0; f < fields.size(); ++f) store(incoming->data(f), fields[f].field);
    stamp_ = stamp;
    std::copy(stamp.reason.begin(), stamp.reason.end(), reason_.begin());
    stamp_.reason = {reason_.data(), stamp.reason.size()};
    loop_ = context_.loop;
  }
  if (applied || late) record(*incoming, stamp, late, applied);
  client_.release();
  return applied;
}

DecisionStamp Handle::stamp_of(const Incoming& incoming, std::int64_t age) const
{
  const DecisionHeader& header = incoming.header;
  const bool known = header.clock != 0 && client_.ends().one_clock;
  constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
  DecisionStamp stamp;
  stamp.id = header.id;
  stamp.rank = incoming.rank;
  stamp.step = header.step;
  stamp.age_steps = age;
  stamp.version = header.version;
  stamp.latency = known ? 1e-9 * static_cast<double>(clock() - header.clock) : unknown;
  stamp.work = header.clock != 0 ? header.work : unknown;
  stamp.reason = incoming.reason;
  return stamp;
}

void Handle::record(const Incoming& incoming, const DecisionStamp& stamp, bool late, bool applied)
{
  if (!journal_.open()) return;
  for (std::size_t f = 0; f < columns_.size(); ++f) columns_[f] = incoming.data(f);
  journal_.record({context_.loop, context_.step, stamp, late, applied, counters().superseded}, {},
                  columns_.data());
}

void Handle::nothing(Fields fields)
{
  for (std::size_t f = 0; f < defaults_.size(); ++f) store(defaults_[f].data(), fields[f].field);
}

const SteeringCounters& Handle::counters() const
{
  const SteeringCounters& before = kept_->counters;
  counters_.reported = before.reported + client_.reported();
  counters_.dropped = before.dropped + client_.dropped();
  counters_.arrived = before.arrived + client_.arrived();
  counters_.superseded = before.superseded + client_.superseded() + outdated_;
  return counters_;
}

}  // namespace cardan::steering
