/// Typed columns of samples as rows of float64, and back.
#pragma once

#include <cardan/model.hpp>

#include <cstdint>
#include <vector>

namespace cardan::baselines {

/// Several features side by side, in their order: one row of `width` numbers a sample. Integers
/// beyond 2^53 lose their last bits.
class Columns {
 public:
  explicit Columns(Features features);
  [[nodiscard]] std::int64_t width() const noexcept { return width_; }
  /// Writes samples [first, first + count) to `rows`: count x width, row-major.
  void read(const std::byte* const* columns, std::int64_t first, std::int64_t count,
            double* rows) const;
  /// Writes rows to samples [first, first + count). Where the dtype is an integer, numbers are
  /// rounded to the nearest, kept within its range, and a not-a-number becomes 0.
  void write(const double* rows, std::int64_t first, std::int64_t count,
             std::byte* const* columns) const;

 private:
  Features features_;
  std::int64_t width_;
};

/// Rows of inputs and of targets.
struct Pairs {
  std::int64_t count = 0;
  std::vector<double> inputs;
  std::vector<double> targets;
};
/// The pairs of a batch in which all numbers are finite: what is not would spoil every sum.
/// Overwrites `pairs`, whose memory is used again.
void read_finite(const Columns& inputs, const Columns& outputs, const Batch& x, const Batch& y,
                 Pairs& pairs);

}  // namespace cardan::baselines
