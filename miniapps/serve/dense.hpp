/// A multilayer perceptron in plain loops: the work of an instance where no library does it. It has
/// never heard of Cardan.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace serve {

class Dense {
 public:
  /// Layers of these widths, inputs and outputs included; weights normal with variance 1 / in.
  Dense(std::vector<std::int64_t> widths, std::uint64_t seed);
  /// `samples` rows of the first width to as many of the last, tanh between the layers. Allocates
  /// until it has seen its largest number of samples.
  void evaluate(const double* inputs, std::int64_t samples, double* outputs);

 private:
  std::vector<std::int64_t> widths_;
  /// Of each layer (in, out), and its biases (out).
  std::vector<std::vector<float>> weights_;
  std::vector<std::vector<float>> biases_;
  std::vector<float> here_;
  std::vector<float> next_;
};

}  // namespace serve
