/// What carries states through time, and what corrects it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace twin {

/// Moves batches of states: rows of size() numbers, one row a member.
class Model {
 public:
  virtual ~Model() = default;
  [[nodiscard]] virtual std::size_t size() const = 0;
  /// Time units of one step.
  [[nodiscard]] virtual double dt() const = 0;
  /// Moves each row by `steps` steps. `forcing` (nothing, or rates per time unit, as many as
  /// states) is added to the tendency, constant over the steps. A row's result does not depend on
  /// the other rows.
  virtual void advance(std::span<double> states, int steps,
                       std::span<const double> forcing = {}) = 0;
  /// A state near which runs start.
  [[nodiscard]] virtual std::vector<double> rest() const = 0;
};

/// A learned model error: for rows of states the rates per time unit, as many numbers. Called once
/// an interval with all rows of a rank; a row's result must not depend on the others.
using Correction = std::function<void(std::span<const double> states, std::span<double> rates)>;

/// How a correction enters an interval that begins at x. Both take it at x, which is what
/// increments teach.
enum class CorrectionPlace : std::uint8_t {
  /// Added to the result: M(x) + interval * g(x).
  end,
  /// Added to the tendency, constant over the interval.
  within,
};

/// A model with a correction: one call of advance is one interval.
class CorrectedModel : public Model {
 public:
  /// `model` is borrowed.
  explicit CorrectedModel(Model& model, CorrectionPlace place = CorrectionPlace::end);
  /// From the next call of advance on; an empty one switches it off.
  void use(Correction correction);
  [[nodiscard]] bool corrects() const { return static_cast<bool>(correction_); }
  [[nodiscard]] std::size_t size() const override { return model_->size(); }
  [[nodiscard]] double dt() const override { return model_->dt(); }
  void advance(std::span<double> states, int steps, std::span<const double> forcing = {}) override;
  [[nodiscard]] std::vector<double> rest() const override { return model_->rest(); }

 private:
  Model* model_;
  CorrectionPlace place_;
  Correction correction_;
  std::vector<double> rates_;
};

}  // namespace twin
