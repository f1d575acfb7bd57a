#include "couplers/pipeline/ledger.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace cardan::pipeline {

namespace {

constexpr std::size_t most_rows = 2000000;
constexpr std::size_t most_samples = 100000;
/// Seconds between two rows of queue lengths.
constexpr double sampling = 2e-3;

}  // namespace

Ledger::Ledger(const Settings& settings, int ranks)
    : name_(settings.name),
      ranks_(ranks),
      lines_(settings.stages.size()),
      accounts_(static_cast<std::size_t>(ranks))
{
  for (const auto& stage : settings.stages) {
    report.stages.emplace_back();
    report.stages.back().name = stage;
    report.stages.back().fewest = -1;
  }
}

void Ledger::decided(const Step& step, double now)
{
  if (ways_.time.size() >= most_rows) {
    ++left_out_;
    return;
  }
  ways_.candidate.push_back(step.candidate);
  ways_.stage.push_back(step.stage);
  ways_.score.push_back(step.score);
  ways_.threshold.push_back(step.threshold);
  ways_.verdict.push_back(static_cast<std::int64_t>(step.verdict));
  ways_.rank.push_back(step.rank);
  ways_.version.push_back(step.version);
  ways_.time.push_back(now);
}

void Ledger::finished(std::int64_t candidate, double score, std::span<const double> values,
                      double now)
{
  report.finished.push_back(candidate);
  report.results.push_back(score);
  report.results.insert(report.results.end(), values.begin(), values.end());
  report.times.push_back(now);
  report.costs.push_back(busy_);
}

void Ledger::worked(const Shift& shift, double now)
{
  auto& stage = report.stages[static_cast<std::size_t>(shift.stage)];
  stage.busy += shift.seconds;
  busy_ += shift.seconds;
  auto& account = accounts_[static_cast<std::size_t>(shift.rank)];
  // Not what a rank has waited before the run began.
  const double idle = account.begun ? shift.idle : std::clamp(now - shift.seconds, 0.0, shift.idle);
  report.stages[static_cast<std::size_t>(shift.was)].idle += idle;
  account.end += idle + shift.seconds;
  const double lag = now - account.end;
  account.lag = account.begun ? std::min(account.lag, lag) : lag;
  account.begun = true;
  account.heard = now;
  lines_[static_cast<std::size_t>(shift.stage)].done += shift.candidates;
  shifts_.push_back(
      {shift.rank, shift.stage + 1 == static_cast<int>(lines_.size()), account.end, shift.seconds});
}

void Ledger::assigned(int rank, int from, int to, double now)
{
  if (from >= 0)
    for (std::size_t s = 0; s < lines_.size(); ++s)
      if (report.stages[s].fewest < 0) report.stages[s].fewest = lines_[s].ranks;
  const auto count = [&](int stage, int change) {
    auto& line = lines_[static_cast<std::size_t>(stage)];
    auto& counted = report.stages[static_cast<std::size_t>(stage)];
    line.ranks += change;
    if (from >= 0) counted.fewest = std::min(counted.fewest, line.ranks);
    counted.most = std::max(counted.most, line.ranks);
  };
  count(to, 1);
  if (from >= 0) {
    count(from, -1);
    ++report.stages[static_cast<std::size_t>(to)].moves;
  }
  if (splits_.time.size() >= most_samples) return;
  splits_.time.push_back(now);
  splits_.rank.push_back(rank);
  splits_.stage.push_back(to);
}

void Ledger::queue(int stage, std::int64_t length, double now)
{
  auto& line = lines_[static_cast<std::size_t>(stage)];
  line.area += static_cast<double>(line.length) * (now - line.since);
  line.length = length;
  line.since = now;
  auto& longest = report.stages[static_cast<std::size_t>(stage)].longest;
  longest = std::max(longest, length);
  if (queues_.time.size() >= most_samples ||
      (!queues_.time.empty() && now - queues_.time.back() < sampling))
    return;
  queues_.time.push_back(now);
  for (const auto& each : lines_) queues_.length.push_back(each.length);
}

void Ledger::used_up(double now)
{
  if (used_up_ < 0) used_up_ = now;
}

void Ledger::learned(std::uint32_t version, std::int64_t labels, double loss, bool drift,
                     double now)
{
  report.versions = version;
  models_.time.push_back(now);
  models_.version.push_back(version);
  models_.labels.push_back(labels);
  models_.loss.push_back(loss);
  models_.drift.push_back(drift ? 1 : 0);
}

/// The first hundred, then the last hundred in a ring.
void Ledger::label(double error)
{
  constexpr std::size_t few = 100;
  const auto count = static_cast<std::size_t>(error_count_++);
  if (count < few) {
    error_sum_ += error;
    report.first_error = error_sum_ / static_cast<double>(error_count_);
    errors_.push_back(error);
  } else {
    errors_[count % few] = error;
  }
  report.last_error =
      std::accumulate(errors_.begin(), errors_.end(), 0.0) / static_cast<double>(errors_.size());
}

double Ledger::cost(int stage) const
{
  const auto done = lines_[static_cast<std::size_t>(stage)].done;
  return done > 0 ? report.stages[static_cast<std::size_t>(stage)].busy / static_cast<double>(done)
                  : std::numeric_limits<double>::quiet_NaN();
}

/// The ML rank hears of work late where it trains meanwhile: what counts is when ranks worked.
double Ledger::busy_fraction(double end) const
{
  const auto end_of = [this](const Done& done) {
    return done.end + accounts_[static_cast<std::size_t>(done.rank)].lag;
  };
  double from = end;
  for (const auto& done : shifts_)
    if (done.last) from = std::min(from, std::max(0.0, end_of(done) - done.seconds));
  double to = used_up_ < 0 ? end : used_up_;
  if (to <= from) {
    from = 0;
    to = end;
  }
  double busy = 0;
  for (const auto& done : shifts_) {
    const double stop = end_of(done);
    busy += std::max(0.0, std::min(stop, to) - std::max(stop - done.seconds, from));
  }
  return to > from ? busy / ((to - from) * ranks_) : 0;
}

void Ledger::close(std::span<const int> stages, double now)
{
  for (std::size_t rank = 0; rank < stages.size(); ++rank)
    report.stages[static_cast<std::size_t>(stages[rank])].idle +=
        std::max(0.0, now - accounts_[rank].heard);
  for (std::size_t s = 0; s < lines_.size(); ++s) {
    auto& stage = report.stages[s];
    queue(static_cast<int>(s), lines_[s].length, now);
    stage.mean_queue = now > 0 ? lines_[s].area / now : 0;
    stage.cost = lines_[s].done > 0 ? stage.busy / static_cast<double>(lines_[s].done) : 0;
    if (stage.fewest < 0) stage.fewest = lines_[s].ranks;
  }
  report.wall = now;
  report.busy_fraction = busy_fraction(now);
}

}  // namespace cardan::pipeline
