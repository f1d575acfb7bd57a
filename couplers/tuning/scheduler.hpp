/// Which trial is trained next, and how far: without MPI, and without a clock.
#pragma once

#include "couplers/tuning/settings.hpp"

#include <cardan/tuning.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace cardan::tuning {

/// A piece of training that a scheduler wants.
struct Piece {
  std::int64_t trial = 0;
  int rung = 0;
  /// How many more.
  std::int64_t epochs = 0;
  TuningVerdict cause = TuningVerdict::begin;
  /// Of a clone: the trial whose state it goes on from.
  std::int64_t from = -1;
};

class Scheduler {
 public:
  explicit Scheduler(const Settings& settings);
  virtual ~Scheduler() = default;
  /// The next piece; nothing: none before more is told, and where all was told none at all.
  [[nodiscard]] virtual std::optional<Piece> ask() = 0;
  /// The loss after a piece that was asked for; one that is not finite ends the trial. Says what
  /// becomes of it: go_on, pause, stop or finish.
  virtual TuningVerdict tell(const Piece& piece, double loss) = 0;
  /// Of the trials that were begun; ids count from 0.
  [[nodiscard]] const std::vector<std::vector<double>>& values() const { return values_; }

 protected:
  /// A new trial with values of chance.
  [[nodiscard]] Piece begin();
  /// The epochs of the piece that leads to a rung.
  [[nodiscard]] std::int64_t epochs_to(int rung) const;
  [[nodiscard]] int last_rung() const { return static_cast<int>(rungs_.size()) - 1; }
  std::int64_t add(std::vector<double> values);

  Settings settings_;
  std::vector<std::int64_t> rungs_;

 private:
  std::vector<std::vector<double>> values_;
};

std::unique_ptr<Scheduler> make_scheduler(const Settings& settings);

}  // namespace cardan::tuning
