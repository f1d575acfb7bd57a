/// Adam's step in one pass over all parameters.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace cardan::torch_module {

/// How far a step goes; `decoupled`: the decay shrinks the values themselves (AdamW, Loshchilov and
/// Hutter 2019) and not by way of the gradient.
struct AdamStep {
  double rate = 1e-3;
  double first_beta = 0.9;
  double second_beta = 0.99;
  double weight_decay = 0;
  bool decoupled = false;
};

/// Moments of `T`, float or double. Kingma and Ba 2015, as in LibTorch: the same numbers but for
/// rounding.
template <class T>
class Adam {
 public:
  explicit Adam(std::int64_t count)
      : first_(static_cast<std::size_t>(count)), second_(static_cast<std::size_t>(count))
  {}
  /// Goes on after `steps` steps.
  Adam(std::vector<T> first, std::vector<T> second, std::int64_t steps)
      : first_(std::move(first)), second_(std::move(second)), steps_(steps)
  {}
  [[nodiscard]] const std::vector<T>& first() const noexcept { return first_; }
  [[nodiscard]] const std::vector<T>& second() const noexcept { return second_; }
  [[nodiscard]] std::int64_t steps() const noexcept { return steps_; }
  /// `count` values are moved along their gradient.
  void step(const AdamStep& by, const T* gradient, T* values);

 private:
  std::vector<T> first_;
  std::vector<T> second_;
  std::int64_t steps_ = 0;
};

}  // namespace cardan::torch_module
