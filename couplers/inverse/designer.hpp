/// A search for parameters that fit: along the gradient, from several starts, each point solved
/// exactly.
#pragma once

#include "couplers/inverse/engine.hpp"
#include "couplers/inverse/lbfgs.hpp"
#include "couplers/inverse/predictor.hpp"
#include "couplers/inverse/random.hpp"

#include <memory>
#include <vector>

namespace cardan::inverse {

class Designer : public Engine {
 public:
  /// `starts`: the numbers of those that are made here. Without a gradient of the problem's own
  /// `predictor` has to have one: throws otherwise.
  Designer(const Settings& settings, const Measure& measure, const std::vector<int>& starts,
           std::unique_ptr<Predictor> predictor);

  void begin() override;
  std::optional<Ask> next() override;
  void answer(std::int64_t id, std::span<const double> numbers) override;
  void again(std::int64_t id) override;
  bool work() override;
  [[nodiscard]] bool done() const override { return done_; }
  [[nodiscard]] InverseReport report() const override;
  [[nodiscard]] std::vector<InverseSample> samples(int) const override { return {}; }
  void leave(const std::string& path) const override;

  /// What is made small, at the best point that was solved.
  [[nodiscard]] double best_value() const { return best_value_; }

 private:
  enum class State { wants, asked, waits, over };
  struct Start {
    int number = 0;
    Random random;
    Lbfgs search;
    State state = State::wants;
    /// By the surrogate: what is solved next, and how often it was.
    std::vector<double> theta;
    std::int64_t rounds = 0;
    std::vector<double> solved_thetas;
    std::vector<double> solved_predictions;
  };
  [[nodiscard]] std::vector<double> theta_of(const std::vector<double>& scaled) const;
  [[nodiscard]] std::vector<double> scaled(const std::vector<double>& theta) const;
  [[nodiscard]] double prior(std::span<const double> scaled_theta,
                             std::span<double> gradient) const;
  void note(std::span<const double> theta, double misfit);
  void follow(Start& start, std::span<const double> numbers, double misfit);
  void look(Start& start);

  Settings settings_;
  Measure measure_;
  std::unique_ptr<Predictor> predictor_;
  bool by_surrogate_;
  std::vector<Start> starts_;
  InverseReport report_;
  double best_value_;
  std::size_t turn_ = 0;
  bool training_ = false;
  bool done_ = false;
  bool begun_ = false;
  /// Solves of each start from which the surrogate learns first.
  std::int64_t first_solves_ = 0;
  std::int64_t began_ = 0;
};

}  // namespace cardan::inverse
