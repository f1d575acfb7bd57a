// Adam in one pass, against its definition step by step.
#include "core/adam.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

namespace torch_module = cardan::torch_module;

namespace {

/// One parameter, as Kingma and Ba write it (algorithm 1), and with decoupled decay.
struct Reference {
  double value;
  double first = 0;
  double second = 0;
  int steps = 0;

  void step(const torch_module::AdamStep& by, double gradient)
  {
    ++steps;
    if (by.decoupled)
      value *= 1 - by.rate * by.weight_decay;
    else
      gradient += by.weight_decay * value;
    first = by.first_beta * first + (1 - by.first_beta) * gradient;
    second = by.second_beta * second + (1 - by.second_beta) * gradient * gradient;
    const double mean = first / (1 - std::pow(by.first_beta, steps));
    const double square = second / (1 - std::pow(by.second_beta, steps));
    value -= by.rate * mean / (std::sqrt(square) + 1e-8);
  }
};

template <class T>
void compare(bool decoupled, double tolerance)
{
  // Not a multiple of any vector's length.
  constexpr std::size_t count = 37;
  torch_module::Adam<T> adam{static_cast<std::int64_t>(count)};
  std::vector<T> values;
  std::vector<Reference> references;
  for (std::size_t i = 0; i < count; ++i) {
    values.push_back(static_cast<T>(std::sin(static_cast<double>(i))));
    references.push_back({static_cast<double>(values.back())});
  }
  for (int step = 0; step < 50; ++step) {
    const torch_module::AdamStep by{step < 25 ? 1e-2 : 1e-3, 0.9, 0.99, 0.1, decoupled};
    std::vector<T> gradient;
    for (std::size_t i = 0; i < count; ++i)
      gradient.push_back(static_cast<T>(std::cos(static_cast<double>(i) + 0.3 * step)));
    adam.step(by, gradient.data(), values.data());
    for (std::size_t i = 0; i < count; ++i)
      references[i].step(by, static_cast<double>(gradient[i]));
  }
  for (std::size_t i = 0; i < count; ++i)
    CHECK(std::abs(static_cast<double>(values[i]) - references[i].value) < tolerance);
}

}  // namespace

TEST_CASE("Adam's steps are those of its definition")
{
  for (const bool decoupled : {false, true}) {
    compare<double>(decoupled, 1e-12);
    compare<float>(decoupled, 1e-5);
  }
}
