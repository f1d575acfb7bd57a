// What came of pieces of work, and what follows from it.

#include "couplers/tuning/conductor.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace cardan::tuning {

void Conductor::count(int rank, const Answer& answer)
{
  at(rank).last = answer;
  report_.samples = report_.held_out = report_.lost_samples = 0;
  for (const Rank& each : ranks_) {
    report_.samples += each.last.samples + each.elsewhere;
    report_.held_out += each.last.held_out;
    report_.lost_samples += each.last.lost;
  }
  movement_.simulated(report_.samples);
}

void Conductor::trained(int rank, const Answer& answer, double seconds, double now)
{
  Rank& one = at(rank);
  one.busy = false;
  report_.training += seconds;
  // Held until what it moves is known.
  const int read_rank = std::exchange(one.read_rank, -1);
  if (one.leads) judge(rank, answer, now);
  if (read_rank >= 0) release(read_rank, one.read_slot);
  move(now);
}

void Conductor::judge(int rank, const Answer& answer, double now)
{
  Rank& one = at(rank);
  const Piece& piece = one.piece;
  Trial& done = trial(piece.trial);
  done.epochs = answer.before + piece.epochs;
  done.own += piece.epochs;
  done.loss = answer.loss;
  done.rung = piece.rung;
  report_.total_epochs += piece.epochs;

  TuningRecord record;
  record.trial = piece.trial;
  record.rung = piece.rung;
  record.epochs = done.epochs;
  record.piece = piece.epochs;
  record.loss = answer.loss;
  record.cause = piece.cause;
  record.from = piece.from;
  record.ranks = static_cast<int>(one.team.size());
  record.rank = rank;
  record.seconds = now;
  record.total_epochs = report_.total_epochs;
  record.verdict = scheduler_->tell(piece, answer.loss);
  report_.records.push_back(record);

  // It lies here now, and no longer where it came from.
  if (done.rank >= 0 && done.rank != rank) {
    give_up(done.rank, done.slot);
    ++report_.migrations;
  }
  done.rank = rank;
  done.slot = one.slot;
  if (piece.cause == TuningVerdict::clone) ++report_.clones;
  if (!std::isfinite(answer.loss)) ++report_.diverged;
  done.works = record.verdict == TuningVerdict::go_on;
  done.finished = record.verdict == TuningVerdict::finish;
  // Members of a population go on from those that have finished.
  const bool kept = settings_.scheduler.kind == SchedulerSettings::Kind::population;
  if (record.verdict == TuningVerdict::stop || (done.finished && !kept)) {
    give_up(done.rank, done.slot);
    done.rank = done.slot = -1;
  }
  if (answer.loss < report_.best_loss) {
    report_.best = piece.trial;
    report_.best_loss = answer.loss;
    report_.best_epochs = done.epochs;
    best_rank_ = rank;
  }
  if (answer.loss <= settings_.target && report_.epochs_to_target < 0) {
    report_.epochs_to_target = report_.total_epochs;
    report_.seconds_to_target = now;
  }
  movement_.trained(piece.epochs, report_.best_loss);
}

void Conductor::simulated(int rank, const Answer& answer, double seconds, double now)
{
  Rank& one = at(rank);
  one.busy = false;
  report_.simulating += seconds;
  const Answer before = one.last;
  Answer next = answer;
  next.simulates = before.simulates;
  next.moves = before.moves;
  // A simulation may keep its samples elsewhere: what it says that it made counts then.
  if (next.samples == before.samples && next.held_out == before.held_out &&
      next.lost == before.lost)
    one.elsewhere += answer.made;
  count(rank, next);
  if (!data_ && report_.samples >= settings_.move.first) {
    data_ = true;
    const int all = static_cast<int>(ranks_.size());
    const int left = movement_.enough() ? 0 : std::min(settings_.move.begin, all - 1);
    for (int each = 0; each < all; ++each) at(each).simulates = each >= all - left;
    report_.moves += all - left;
    note_use(now);
  }
  move(now);
}

void Conductor::move(double now)
{
  if (!data_ || !ranks_.front().last.simulates) return;
  const auto simulating = static_cast<int>(
      std::count_if(ranks_.begin(), ranks_.end(), [](const Rank& rank) { return rank.simulates; }));
  const int wish = movement_.wish(simulating);
  if (wish == 0) return;
  const int all = static_cast<int>(ranks_.size());
  // Those with high numbers simulate: which ones trials lie on stays the same for long.
  const int rank = wish > 0 ? all - simulating - 1 : all - simulating;
  at(rank).simulates = wish > 0;
  ++report_.moves;
  note_use(now);
}

void Conductor::note_use(double now)
{
  int simulating = 0;
  for (const Rank& rank : ranks_) simulating += rank.simulates ? 1 : 0;
  report_.use.push_back({now, simulating, static_cast<int>(ranks_.size()) - simulating});
}

const TuningReport& Conductor::finish(double waiting, double now)
{
  report_.trials = static_cast<std::int64_t>(scheduler_->values().size());
  report_.values.clear();
  for (const auto& values : scheduler_->values())
    report_.values.insert(report_.values.end(), values.begin(), values.end());
  std::int64_t killed = 0;
  for (const Trial& each : trials_) killed += each.finished ? 0 : each.own;
  if (report_.total_epochs > 0)
    report_.killed_fraction =
        static_cast<double>(killed) / static_cast<double>(report_.total_epochs);
  report_.waiting = waiting;
  report_.wall = now;
  return report_;
}

}  // namespace cardan::tuning
