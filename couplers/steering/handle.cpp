#include "couplers/steering/handle.hpp"

#include "channel/patch.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

namespace cardan::steering {

namespace {

void store(const std::byte* dense, const Field& field)
{
  const channel::Patch to = channel::patch_of(field, false);
  auto* target = static_cast<std::byte*>(field.writable());
  if (to.dense())
    std::memcpy(target, dense, static_cast<std::size_t>(to.bytes()));
  else
    channel::copy(channel::patch_in(to.count, to.count, to.element), dense, to, target);
}

}  // namespace

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

void Handle::abandon() noexcept
{
  abandoned_ = true;
  client_.abandon();
}

void Handle::check(Fields fields, const Features& declared, const char* what) const
{
  if (fields.size() != declared.size())
    throw Error{fmt::format("a {} of '{}' has {} field{}", what, settings_.name, fields.size(),
                            fields.size() == 1 ? "" : "s"),
                fmt::format("declared are {}", declared.size())};
  for (std::size_t f = 0; f < fields.size(); ++f) {
    const auto& [name, field] = fields[f];
    const Feature& feature = declared[f];
    if (name == feature.name && suits(field, feature)) continue;
    throw Error{fmt::format("a {} of '{}' has '{}': {} {}{}", what, settings_.name, name,
                            to_string(field.dtype()), to_string(field.shape()),
                            field.box() ? " with a box" : ""),
                fmt::format("declared is '{}': {} {}", feature.name, to_string(feature.dtype),
                            to_string(Extents{feature.shape})),
                "Give the fields in the order of their declaration."};
  }
}

void Handle::report(Fields fields)
{
  check(fields, client_.ends().declared.report, "report");
  staged_.clear();
  for (const auto& each : fields) staged_.push_back(each.field);
  ReportHeader header;
  header.step = context_.step;
  static_cast<void>(client_.report(header, staged_, settings_.full));
}

void Handle::check_decision(Fields fields) const
{
  check(fields, client_.ends().declared.decision, "decision");
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
  const auto incoming = client_.newest();
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
  counters_.reported = client_.reported();
  counters_.dropped = client_.dropped();
  counters_.arrived = client_.arrived();
  counters_.superseded = client_.superseded() + outdated_;
  return counters_;
}

}  // namespace cardan::steering
