// One order, one candidate; and all of them where there is nobody to give orders.

#include "couplers/pipeline/client.hpp"
#include "couplers/pipeline/ledger.hpp"
#include "support/clock.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace cardan::pipeline {

void Client::go_to(const PipelineWork& work, int stage)
{
  if (stage_ == stage) return;
  stage_ = stage;
  if (work.moved) work.moved(stage);
}

void Client::obey(const PipelineWork& work, const tasks::Order& order)
{
  result_.clear();
  worked_ = 0;
  if (order.kind == report_kind) {
    told_.insert(told_.end(), order.numbers.begin(), order.numbers.end());
    worker_->give(order, {});
    return;
  }
  const bool describes = order.kind == 0 && settings_.has_model();
  go_to(work, describes ? -1 : order.kind);
  PipelineTask task;
  task.stage = order.kind;
  for (auto rest = order.numbers; !rest.empty();) {
    rest = next_task(rest, task);
    if (describes) {
      describe(work, task.candidate);
      continue;
    }
    std::int64_t count = 0;
    const double score = compute(work, task, count);
    put_given(result_, {task.candidate, score, {values_.data(), static_cast<std::size_t>(count)}});
  }
  worker_->give(order, result_, worked_);
}

void Client::describe(const PipelineWork& work, std::int64_t candidate)
{
  const std::int64_t begin = clock();
  work.describe(candidate, columns_.data());
  worked_ += static_cast<double>(clock() - begin) * 1e-9;
  result_.push_back(static_cast<double>(candidate));
  const auto* words = reinterpret_cast<const double*>(features_.data());
  result_.insert(result_.end(), words, words + layout_.words());
}

double Client::compute(const PipelineWork& work, const PipelineTask& task, std::int64_t& count)
{
  count = 0;
  const std::int64_t begin = clock();
  const double score = work.run(task, values_, count);
  worked_ += static_cast<double>(clock() - begin) * 1e-9;
  if (count < 0 || count > shape_.values)
    throw Error{
        fmt::format("stage '{}' of pipeline '{}' gave {} values",
                    settings_.stages[static_cast<std::size_t>(task.stage)], settings_.name, count),
        fmt::format("declared are {} at most", shape_.values)};
  // Results of the last stage are a table.
  if (task.stage == settings_.last()) {
    std::fill(values_.begin() + static_cast<std::ptrdiff_t>(count), values_.end(), 0.0);
    count = shape_.values;
  }
  return score;
}

/// Every rank has its part of the library and of the budget, and all stages.
void Client::alone(const PipelineWork& work)
{
  const int rank = mpi::rank(context_.part.get());
  const int ranks = mpi::size(context_.part.get());
  Settings mine = settings_;
  mine.work = settings_.work / ranks;
  mine.budget = settings_.budget / ranks + (rank < settings_.budget % ranks ? 1 : 0);
  if (settings_.budget > 0 && mine.budget == 0) mine.candidates = 0;
  Ledger ledger{mine, 1};
  Flow flow{mine, {rank, ranks}, ledger};
  const std::int64_t begin = clock();
  const auto now = [&] { return static_cast<double>(clock() - begin) * 1e-9; };
  const std::vector<int> here{0};
  double idle_since = 0;
  ledger.assigned(0, -1, 0, 0);
  while (!flow.over()) {
    alarm_.check();
    // The last stage that has something to do comes first.
    int stage = mine.last();
    while (stage > 0 && flow.doable(stage) == 0) --stage;
    for (const auto candidate : flow.take(stage, 1, now())) {
      if (stage == 0 && mine.has_model()) {
        flow.described(candidate, {}, now());
        flow.score(std::nan(""), 0, now());
        continue;
      }
      go_to(work, stage);
      const Way& way = flow.way(candidate);
      const PipelineTask task{candidate, stage, way.scores, way.values};
      std::int64_t count = 0;
      const double before = now();
      const double score = compute(work, task, count);
      const double after = now();
      ledger.worked({0, stage, stage, 1, after - before, before - idle_since}, after);
      idle_since = after;
      flow.result(stage, candidate, score, {values_.data(), static_cast<std::size_t>(count)}, rank,
                  after);
    }
  }
  flow.close(now());
  ledger.close(here, now());
  std::vector<PipelineReport> parts;
  parts.reserve(static_cast<std::size_t>(ranks));
  for (int from = 0; from < ranks; ++from)
    parts.push_back(share_report(from, from == rank ? pack(ledger.report) : std::vector<double>{}));
  report_ = join(parts);
}

}  // namespace cardan::pipeline
