/// Population-based training.
#pragma once

#include "couplers/tuning/scheduler.hpp"
#include "support/splitmix.hpp"

#include <deque>

namespace cardan::tuning {

/// Jaderberg et al. (2017), "Population based training of neural networks": after each generation
/// of its own a member among the worst share of all goes on from one of the best share
/// (truncation), with values that are perturbed or drawn anew. Asynchronous: a member is compared
/// with the last loss of each other. It becomes a new trial, as its values are others.
class Population : public Scheduler {
 public:
  explicit Population(const Settings& settings);
  std::optional<Piece> ask() override;
  TuningVerdict tell(const Piece& piece, double loss) override;

 private:
  struct Member {
    std::int64_t trial = -1;
    /// Not a number before its first generation.
    double loss = 0;
  };
  [[nodiscard]] std::size_t member_of(std::int64_t trial) const;
  /// Those that have a loss, best first.
  [[nodiscard]] std::vector<std::size_t> order() const;
  void replace(std::size_t member, std::size_t by, int rung);

  std::vector<Member> members_;
  std::size_t begun_ = 0;
  /// Members that began anew.
  std::size_t anew_ = 0;
  std::deque<Piece> waiting_;
  Random random_;
};

}  // namespace cardan::tuning
