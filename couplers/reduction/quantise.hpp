/// Numbers as multiples of a step beside what was foretold, and what comes back of them; the same
/// bits at both ends (these files are compiled without contraction).
#pragma once

#include <cstdint>
#include <vector>

namespace cardan::reduction {

/// What one call found.
struct Quantised {
  /// The largest |x - x'| of those that kept the bound.
  double max_error = 0;
  /// Numbers that miss it: too large, none at all, or by rounding.
  std::int64_t missed = 0;
};

/// q = nearest((x - foretold) / step), x' = foretold + q * step, and whether |x - x'| <= eps; those
/// that are not have q = 0 and x' as `foretold`. `foretold`: null for zeros. `step` and 1 / step
/// are normal numbers.
Quantised quantise(const double* x, const double* foretold, std::int64_t count, double step,
                   double eps, std::int64_t* q, double* back);
/// x' again. Whatever q is: there are no traps.
void restore(const std::int64_t* q, const double* foretold, std::int64_t count, double step,
             double* back);
/// Rounds `count` blocks' latents to multiples of their steps, in place; number k of block b is
/// then q[k * stride + b] steps. What is no number, or too large, becomes 0.
void round_latents(double* latents, std::int64_t count, const std::vector<double>& steps,
                   std::int64_t* q, std::int64_t stride);
void restore_latents(const std::int64_t* q, std::int64_t stride, std::int64_t count,
                     const std::vector<double>& steps, double* latents);
/// Doubles (or those that are floats) as whole numbers in the same order, and back.
void ordered(const double* x, std::int64_t count, bool floats, std::int64_t* q);
void unordered(const std::int64_t* q, std::int64_t count, bool floats, double* x);
/// Whether all are floats, bit by bit.
bool all_floats(const double* x, std::int64_t count);

}  // namespace cardan::reduction
