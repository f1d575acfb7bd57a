/// Successive halving, asynchronous and in rounds, and random search.
#pragma once

#include "couplers/tuning/scheduler.hpp"

#include <deque>
#include <set>

namespace cardan::tuning {

/// The losses of a rung, best first; of equal ones the trial that was begun earlier.
using Standing = std::set<std::pair<double, std::int64_t>>;

/// Algorithm 2 of Li, Jamieson, Rostamizadeh, Gonina, Ben-tzur, Hardt, Recht and Talwalkar (2020),
/// "A system for massively parallel hyperparameter tuning": whoever asks gets the first trial of
/// the best 1 / eta of the highest rung that has one which was not promoted, or else a new one.
/// Here of at most `trials`.
class Asha : public Scheduler {
 public:
  explicit Asha(const Settings& settings);
  std::optional<Piece> ask() override;
  TuningVerdict tell(const Piece& piece, double loss) override;
  [[nodiscard]] const Standing& rung(int number) const
  {
    return standings_[static_cast<std::size_t>(number)];
  }

 private:
  std::vector<Standing> standings_;
  std::vector<std::set<std::int64_t>> promoted_;
};

/// Successive halving (Jamieson and Talwalkar 2016): a rung is left when all of its trials are
/// done; the best 1 / eta go on, at least one.
class Halving : public Scheduler {
 public:
  using Scheduler::Scheduler;
  std::optional<Piece> ask() override;
  TuningVerdict tell(const Piece& piece, double loss) override;

 private:
  std::deque<Piece> waiting_;
  Standing standing_;
  int rung_ = 0;
  /// Trials of this rung that were not told of.
  std::int64_t missing_ = -1;
  std::int64_t size_ = 0;
};

/// Every trial to the end; its loss is asked for at the rungs of a halving.
class RandomSearch : public Scheduler {
 public:
  using Scheduler::Scheduler;
  std::optional<Piece> ask() override;
  TuningVerdict tell(const Piece& piece, double loss) override;

 private:
  std::deque<Piece> waiting_;
};

}  // namespace cardan::tuning
