/// Who does what: gives the pieces that a scheduler wants to ranks, and knows where trials lie.
/// Without MPI, and without a clock of its own.
#pragma once

#include "couplers/tuning/movement.hpp"
#include "couplers/tuning/scheduler.hpp"
#include "couplers/tuning/wire.hpp"

#include <cardan/tuning.hpp>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace cardan::tuning {

/// Work for one rank or several: what each of them is told.
struct Work {
  Kind kind = Kind::train;
  /// Of training.
  TuningVerdict cause = TuningVerdict::begin;
  std::vector<int> ranks;
  /// For each of them.
  std::vector<TrainOrder> orders;
};

class Conductor {
 public:
  Conductor(const Settings& settings, int ranks);

  /// A rank is ready for its first work.
  void hello(int rank, const Answer& answer, double now);
  /// The next work; its ranks are busy then. Nothing: there is none now.
  [[nodiscard]] std::optional<Work> deal();
  /// What came of it. `seconds`: that the rank worked.
  void trained(int rank, const Answer& answer, double seconds, double now);
  void simulated(int rank, const Answer& answer, double seconds, double now);
  /// Whether all is done, and every rank idle.
  [[nodiscard]] bool done() const;
  /// Closes the report.
  const TuningReport& finish(double waiting, double now);
  [[nodiscard]] const TuningReport& report() const { return report_; }
  /// Where the state of the best trial lies; -1: nowhere.
  [[nodiscard]] int best_rank() const { return moves_ ? best_rank_ : -1; }

 private:
  struct Trial {
    std::uint64_t seed = 0;
    std::int64_t epochs = 0;
    /// Trained by itself.
    std::int64_t own = 0;
    double loss = 0;
    int rung = 0;
    /// Where its state lies; -1: nowhere.
    int rank = -1;
    int slot = -1;
    bool works = false;
    bool finished = false;
  };
  struct Slot {
    std::int64_t trial = -1;
    /// Ranks that read it.
    int readers = 0;
    /// It is given up when none reads it any more.
    bool over = false;
  };
  struct Rank {
    bool here = false;
    bool busy = false;
    bool simulates = false;
    std::vector<Slot> slots;
    std::vector<int> drops;
    /// Of what it trains: its piece, and the slot that its state came from (-1: none).
    Piece piece;
    std::vector<int> team;
    bool leads = false;
    int slot = -1;
    int read_rank = -1;
    int read_slot = -1;
    /// What it said last, and samples that it made and keeps itself.
    Answer last;
    std::int64_t elsewhere = 0;
  };
  struct Pending {
    Piece piece;
    int read_rank = -1;
    int read_slot = -1;
  };
  [[nodiscard]] Rank& at(int rank) { return ranks_[static_cast<std::size_t>(rank)]; }
  [[nodiscard]] Trial& trial(std::int64_t id) { return trials_[static_cast<std::size_t>(id)]; }
  [[nodiscard]] bool stopped() const;
  [[nodiscard]] bool idle_for_training(int rank) const;
  void accept(const Piece& piece);
  [[nodiscard]] std::optional<Work> place(const Pending& pending, bool& wait);
  [[nodiscard]] int find_slot(int rank);
  bool evict(int rank);
  void hold(int rank, int slot);
  void release(int rank, int slot);
  void give_up(int rank, int slot);
  [[nodiscard]] TrainOrder order_for(const Pending& pending, const std::vector<int>& team);
  void judge(int rank, const Answer& answer, double now);
  void count(int rank, const Answer& answer);
  void move(double now);
  void note_use(double now);

  Settings settings_;
  std::unique_ptr<Scheduler> scheduler_;
  Movement movement_;
  std::vector<Rank> ranks_;
  std::vector<Trial> trials_;
  std::deque<Pending> pending_;
  TuningReport report_;
  std::int64_t given_epochs_ = 0;
  int best_rank_ = -1;
  bool data_ = false;
  bool moves_ = true;
  bool exhausted_ = false;
};

}  // namespace cardan::tuning
