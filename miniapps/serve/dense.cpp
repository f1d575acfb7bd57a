#include "dense.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <utility>

namespace serve {

Dense::Dense(std::vector<std::int64_t> widths, std::uint64_t seed) : widths_(std::move(widths))
{
  std::mt19937_64 engine{seed};
  for (std::size_t l = 0; l + 1 < widths_.size(); ++l) {
    std::normal_distribution<float> normal{0.0F, 1.0F / std::sqrt(static_cast<float>(widths_[l]))};
    weights_.emplace_back(static_cast<std::size_t>(widths_[l] * widths_[l + 1]));
    for (auto& weight : weights_.back()) weight = normal(engine);
    biases_.emplace_back(static_cast<std::size_t>(widths_[l + 1]), 0.0F);
  }
}

void Dense::evaluate(const double* inputs, std::int64_t samples, double* outputs)
{
  here_.resize(static_cast<std::size_t>(samples * widths_.front()));
  std::transform(inputs, inputs + here_.size(), here_.begin(),
                 [](double value) { return static_cast<float>(value); });
  for (std::size_t l = 0; l + 1 < widths_.size(); ++l) {
    const auto in = static_cast<std::size_t>(widths_[l]);
    const auto out = static_cast<std::size_t>(widths_[l + 1]);
    next_.resize(static_cast<std::size_t>(samples) * out);
    for (std::size_t s = 0; s < static_cast<std::size_t>(samples); ++s) {
      float* to = next_.data() + s * out;
      std::copy(biases_[l].begin(), biases_[l].end(), to);
      for (std::size_t i = 0; i < in; ++i) {
        const float x = here_[s * in + i];
        const float* row = weights_[l].data() + i * out;
        for (std::size_t j = 0; j < out; ++j) to[j] += x * row[j];
      }
      if (l + 2 < widths_.size())
        for (std::size_t j = 0; j < out; ++j) to[j] = std::tanh(to[j]);
    }
    std::swap(here_, next_);
  }
  std::transform(here_.begin(), here_.end(), outputs,
                 [](float value) { return static_cast<double>(value); });
}

}  // namespace serve
