/// What a silo has to learn from.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

namespace federate {

/// Rows of inputs and outputs, dense.
struct Samples {
  std::int64_t count = 0;
  std::int64_t inputs = 0;
  std::int64_t outputs = 1;
  std::vector<double> input;
  std::vector<double> output;

  void append(const Samples& other);
};

/// What a silo's samples are for: to train on, to choose settings by, and to judge by.
enum class Part { training, held_out, judged };

/// What a model says to rows of inputs.
using Answer = std::function<std::vector<double>(const std::vector<double>& input)>;

/// A problem that silos have in common; each of them sees its own regime of it.
class Problem {
 public:
  virtual ~Problem() = default;
  /// Of one sample.
  [[nodiscard]] virtual std::int64_t inputs() const = 0;
  [[nodiscard]] virtual std::int64_t outputs() const { return 1; }
  [[nodiscard]] virtual int silos() const = 0;
  [[nodiscard]] virtual std::string regime(int silo) const = 0;
  /// Simulates; the same for the same silo and seed wherever it is called.
  [[nodiscard]] virtual Samples samples(int silo, Part part) const = 0;
  /// The error of a simulation that has the model in it, over that of one without; NaN where the
  /// problem has no such simulation, infinite where it breaks down.
  [[nodiscard]] virtual double run_error(const Samples& judged, const Answer& model) const
  {
    static_cast<void>(judged);
    static_cast<void>(model);
    return std::numeric_limits<double>::quiet_NaN();
  }
};

}  // namespace federate
