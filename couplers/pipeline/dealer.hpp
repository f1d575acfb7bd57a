/// Which rank works for which stage now, and how much it is given at once.
#pragma once

#include "couplers/pipeline/flow.hpp"
#include "couplers/pipeline/ledger.hpp"
#include "couplers/pipeline/settings.hpp"
#include "couplers/pipeline/split.hpp"

#include <cstdint>
#include <vector>

namespace cardan::pipeline {

class Dealer {
 public:
  Dealer(const Settings& settings, int ranks, Flow& flow, Ledger& ledger);

  /// The stage whose work a rank that has room gets next, which is the one that it belongs to from
  /// then on; -1: none now. `jobs`: orders that it has.
  int choose(int rank, int jobs, double now);
  /// Candidates for one order.
  [[nodiscard]] std::int64_t batch(int stage) const;
  /// Nothing was dealt out for so long: ranks are given enough for such times.
  void away(double seconds);
  /// By rank.
  [[nodiscard]] const std::vector<int>& stages() const { return at_; }

 private:
  void survey();
  [[nodiscard]] bool scarce(int stage) const;
  [[nodiscard]] bool has_enough(int stage, int jobs) const;
  void move(int rank, int to, double now);

  const Settings& settings_;
  Flow& flow_;
  Ledger& ledger_;
  std::vector<Cover> covers_;
  std::vector<int> at_;
  std::vector<int> ranks_;
  std::vector<Demand> demands_;
  double moved_ = 0;
  /// What `away` has said, the longest of late.
  double away_ = 0;
};

}  // namespace cardan::pipeline
