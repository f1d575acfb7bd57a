/// Minimisation by L-BFGS (Nocedal 1980) with a backtracking line search, asked from outside: who
/// evaluates, and where, is the caller's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

namespace cardan::inverse {

class Lbfgs {
 public:
  struct Limits {
    std::int64_t iterations = 50;
    /// Of the gradient's largest component.
    double tolerance = 1e-6;
  };
  Lbfgs(std::vector<double> begin, const Limits& limits);

  /// Where to evaluate next.
  [[nodiscard]] const std::vector<double>& trial() const { return trial_; }
  /// The value there, and its gradient; what is not a number counts as too large.
  void give(double value, std::span<const double> gradient);
  /// Whether nothing more is asked.
  [[nodiscard]] bool done() const { return done_; }
  [[nodiscard]] std::int64_t iterations() const { return iterations_; }
  /// The best so far.
  [[nodiscard]] const std::vector<double>& best() const { return at_; }
  [[nodiscard]] double value() const { return value_; }

 private:
  void take(double value, std::span<const double> gradient);
  void direct();
  void look(double length);

  struct Pair {
    std::vector<double> step;
    std::vector<double> change;
    double product = 0;
  };
  Limits limits_;
  std::vector<double> at_;
  std::vector<double> gradient_;
  std::vector<double> direction_;
  std::vector<double> trial_;
  std::deque<Pair> pairs_;
  double value_ = 0;
  double slope_ = 0;
  double length_ = 0;
  std::int64_t iterations_ = 0;
  bool begun_ = false;
  bool done_ = false;
};

}  // namespace cardan::inverse
