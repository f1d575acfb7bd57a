#include "core/adam.hpp"

#include <cmath>

namespace cardan::torch_module {

namespace {

template <class T>
struct Factors {
  T first;
  T second;
  T rate;
  /// Of the square root of the second moment.
  T correction;
  /// Of the values, in the gradient.
  T decay;
  /// What the values are multiplied by.
  T shrink;
};

// The four arrays are read once and three of them written: of large models the memory's speed
// decides.
template <class T>
void move(const Factors<T>& by, std::size_t count, const T* __restrict gradient,
          T* __restrict values, T* __restrict first, T* __restrict second)
{
  constexpr T epsilon = static_cast<T>(1e-8);
  for (std::size_t i = 0; i < count; ++i) {
    const T slope = gradient[i] + by.decay * values[i];
    const T mean = by.first * first[i] + (1 - by.first) * slope;
    const T square = by.second * second[i] + (1 - by.second) * slope * slope;
    first[i] = mean;
    second[i] = square;
    values[i] =
        by.shrink * values[i] - by.rate * mean / (std::sqrt(square) * by.correction + epsilon);
  }
}

}  // namespace

template <class T>
void Adam<T>::step(const AdamStep& by, const T* gradient, T* values)
{
  ++steps_;
  const auto t = static_cast<double>(steps_);
  const Factors<T> factors{
      static_cast<T>(by.first_beta),
      static_cast<T>(by.second_beta),
      static_cast<T>(by.rate / (1 - std::pow(by.first_beta, t))),
      static_cast<T>(1 / std::sqrt(1 - std::pow(by.second_beta, t))),
      static_cast<T>(by.decoupled ? 0 : by.weight_decay),
      static_cast<T>(by.decoupled ? 1 - by.rate * by.weight_decay : 1),
  };
  move(factors, first_.size(), gradient, values, first_.data(), second_.data());
}

template class Adam<float>;
template class Adam<double>;

}  // namespace cardan::torch_module
