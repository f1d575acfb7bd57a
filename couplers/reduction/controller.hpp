/// Chooses how much is sent, from how right a quantity stays and what puts cost: no MPI.
#pragma once

#include "couplers/reduction/settings.hpp"
#include "couplers/reduction/wire.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <utility>

namespace cardan::reduction {

/// Judges steps of which all ranks' puts have come, all of them as the last decision says.
class Controller {
 public:
  Controller(const Settings& settings, int ranks);
  /// What a receiver says of a put; a decision where it changes anything.
  std::optional<Decision> take(const Note& note);
  [[nodiscard]] const Decision& decision() const { return decision_; }
  /// Of the last step that was judged: the quantity's relative error.
  [[nodiscard]] double error() const { return error_; }
  [[nodiscard]] std::int64_t judged() const { return judged_; }

 private:
  struct Step {
    int ranks = 0;
    double original = 0;
    double reconstructed = 0;
    double size = 0;
    double seconds = 0;
    double period = 0;
  };
  bool judge_quantity(const Step& step);
  bool judge_cost(const Step& step);
  bool tighten();
  bool loosen();

  Settings settings_;
  int ranks_;
  Decision decision_;
  /// By step and number of the put.
  std::map<std::pair<std::int64_t, std::int64_t>, Step> open_;
  double error_ = 0;
  std::int64_t judged_ = 0;
  /// Steps in a row that were far below the tolerance, and how many of them it takes to loosen.
  int calm_ = 0;
  int patience_;
  bool loosened_ = false;
  /// Of the steps since the last decision.
  int priced_ = 0;
  int cheap_ = 0;
  double seconds_ = 0;
  double period_ = 0;
};

}  // namespace cardan::reduction
