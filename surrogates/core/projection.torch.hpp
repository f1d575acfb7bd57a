/// What the conserving head does to a network's answers.
#pragma once

#include "core/normalisation.hpp"

#include <ATen/ATen.h>

namespace cardan::torch_module {

/// Increments n in units of their deviations s, shifted along s so that sum(mean + s n) = 0:
/// n - (n . s + offset) s / (s . s). Of all corrections that make the sum zero this one is the
/// smallest in units of the deviations; so a small component beside large ones (Robertson's y2
/// beside y1 and y3) is hardly touched.
struct Projection {
  /// s and s / (s . s): float32, on the host.
  at::Tensor deviation;
  at::Tensor direction;
  /// The sum of the means.
  double offset = 0;

  explicit Projection(const Scale& output);
  /// Of answers (..., numbers), on any device.
  [[nodiscard]] at::Tensor apply(const at::Tensor& raw) const;
};

}  // namespace cardan::torch_module
