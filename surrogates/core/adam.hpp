/// Adam's step in one pass over all parameters.
#pragma once

#include <cstdint>
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
  /// `count` values are moved along their gradient.
  void step(const AdamStep& by, const T* gradient, T* values);

 private:
  std::vector<T> first_;
  std::vector<T> second_;
  std::int64_t steps_ = 0;
};

}  // namespace cardan::torch_module
