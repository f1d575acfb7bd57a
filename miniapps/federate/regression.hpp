/// Linear regression: its loss is a quadratic, so that the fixed point of federated averaging is
/// known in closed form.
#pragma once

#include "samples.hpp"

#include <cstdint>
#include <vector>

namespace federate {

/// Each silo has a line of its own, and directions of its own in which its inputs vary: the average
/// of the silos' solutions is not the solution of all data, and neither is the fixed point.
class Regression : public Problem {
 public:
  Regression(std::uint64_t seed, int silos) : seed_(seed), silos_(silos) {}
  [[nodiscard]] std::int64_t inputs() const override { return 3; }
  [[nodiscard]] int silos() const override { return silos_; }
  [[nodiscard]] std::string regime(int silo) const override;
  [[nodiscard]] Samples samples(int silo, Part part) const override;

 private:
  [[nodiscard]] Samples draw(int silo, int part, std::int64_t count) const;
  std::uint64_t seed_;
  int silos_;
};

/// A line y = w . x + b: the weights, then b.
using Line = std::vector<double>;

/// Where `steps` full-batch steps of gradient descent on the mean squared error lead from a line.
Line descend(const Samples& samples, Line from, double rate, std::int64_t steps);

/// The fixed point of averaging after so many local steps: the line w with
/// (I - sum p_k (I - rate H_k)^steps) w = sum p_k c_k, where c_k is where silo k's steps lead from
/// 0, H_k the Hessian of its loss, and p_k its share of all samples. With one step it minimises the
/// loss of all samples together. Throws std::invalid_argument where the averaging has none (the
/// rate is too large, or the inputs span no space).
Line fixed_point(const std::vector<Samples>& silos, double rate, std::int64_t steps);

/// The line that minimises the loss of all samples together.
Line least_squares(const Samples& samples);

}  // namespace federate
