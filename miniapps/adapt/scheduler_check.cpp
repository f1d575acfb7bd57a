#include "scheduler_check.hpp"

#include "functions.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <set>
#include <utility>

namespace adapt {

namespace {

using cardan::TuningRecord;
using cardan::TuningReport;
using cardan::TuningVerdict;

/// Records of a rung in their order.
std::vector<TuningRecord> rung_of(const TuningReport& report, int rung)
{
  std::vector<TuningRecord> records;
  std::copy_if(report.records.begin(), report.records.end(), std::back_inserter(records),
               [&](const TuningRecord& record) { return record.rung == rung; });
  return records;
}

/// Place of a trial in a rung's first records, counted from 0; of equal losses the trial that was
/// begun earlier comes first. Negative: it is not among them.
std::int64_t place_of(const std::vector<TuningRecord>& rung, std::size_t first, std::int64_t trial)
{
  const auto end = rung.begin() + static_cast<std::ptrdiff_t>(first);
  const auto mine =
      std::find_if(rung.begin(), end, [&](const auto& record) { return record.trial == trial; });
  if (mine == end) return -1;
  return std::count_if(rung.begin(), end, [&](const auto& record) {
    return std::pair{record.loss, record.trial} < std::pair{mine->loss, trial};
  });
}

int rungs_of(const TuningReport& report)
{
  int rungs = 0;
  for (const auto& record : report.records) rungs = std::max(rungs, record.rung + 1);
  return rungs;
}

}  // namespace

std::int64_t wrong_promotions(const TuningReport& report, std::int64_t eta)
{
  std::int64_t wrong = 0;
  std::set<std::pair<int, std::int64_t>> seen;
  for (std::size_t i = 0; i < report.records.size(); ++i) {
    const TuningRecord& record = report.records[i];
    if (!seen.emplace(record.rung, record.trial).second) ++wrong;
    if (record.rung == 0) continue;
    // It was decided at some moment before this one.
    std::vector<TuningRecord> below;
    for (std::size_t j = 0; j < i; ++j)
      if (report.records[j].rung == record.rung - 1) below.push_back(report.records[j]);
    bool right = false;
    for (std::size_t known = 1; known <= below.size() && !right; ++known) {
      const auto place = place_of(below, known, record.trial);
      right = place >= 0 && place < static_cast<std::int64_t>(known) / eta;
    }
    if (!right || record.cause != TuningVerdict::promote) ++wrong;
  }
  return wrong;
}

std::int64_t wrong_rounds(const TuningReport& report, std::int64_t eta)
{
  std::int64_t wrong = 0;
  for (int rung = 1; rung < rungs_of(report); ++rung) {
    const auto below = rung_of(report, rung - 1);
    const auto here = rung_of(report, rung);
    const auto most = std::max<std::int64_t>(1, static_cast<std::int64_t>(below.size()) / eta);
    if (static_cast<std::int64_t>(here.size()) != most) ++wrong;
    for (const auto& record : here) {
      const auto place = place_of(below, below.size(), record.trial);
      if (place < 0 || place >= most) ++wrong;
    }
    // Records are in the order of what was heard: all of a rung before the first of the next.
    if (!here.empty() && here.front().seconds < below.back().seconds) ++wrong;
  }
  return wrong;
}

std::int64_t unfinished(const TuningReport& report, std::int64_t most)
{
  std::map<std::int64_t, std::int64_t> epochs;
  std::int64_t wrong = 0;
  for (const auto& record : report.records) {
    std::int64_t& done = epochs[record.trial];
    done += record.piece;
    if (std::isfinite(record.loss) && record.epochs != done) ++wrong;
    if (!std::isfinite(record.loss)) done = most;
  }
  return wrong + std::count_if(epochs.begin(), epochs.end(),
                               [&](const auto& one) { return one.second != most; });
}

std::vector<Finding> check_run(const Episode& episode, std::int64_t eta, std::int64_t most)
{
  const auto& report = episode.report;
  const double least = lowest(episode.plan.task);
  double best = INFINITY;
  for (const auto& record : report.records) best = std::min(best, record.loss);
  double drawn = INFINITY;
  for (const double truth : episode.truths) drawn = std::min(drawn, truth);
  const std::string name = episode.plan.task + ", " + episode.plan.method + ": ";
  const auto chosen = static_cast<std::size_t>(std::max<std::int64_t>(0, report.best));
  const double truth = chosen < episode.truths.size() ? episode.truths[chosen] : INFINITY;
  std::vector<Finding> findings{
      {name + "best loss less the one on record", report.best_loss - best, 0, 0},
      {name + "best drawn above the lowest value", drawn - least, 0, INFINITY},
      {name + "best found above the lowest value", truth - least, 0, 2}};
  const auto none = [&](const char* what, std::int64_t count) {
    findings.push_back({name + what, static_cast<double>(count), 0, 0});
  };
  if (episode.plan.method == "asha") none("wrong promotions", wrong_promotions(report, eta));
  if (episode.plan.method == "halving") none("wrong rounds", wrong_rounds(report, eta));
  if (episode.plan.method == "random") none("unfinished trials", unfinished(report, most));
  return findings;
}

}  // namespace adapt
