/// What a run file says of the baselines.
#pragma once

#include <cardan/config.hpp>
#include <cardan/model.hpp>

#include <cstdint>

namespace cardan::baselines {

/// `model = { kind = "linear", ridge = 0, forget = 1 }`
struct LinearSettings {
  /// Damping, relative to the sum of squares of an input's deviations; 0: the least squares of
  /// least norm.
  double ridge = 0;
  /// The weight that a sample loses with each one that its rank sees later, as in recursive least
  /// squares: about the last 1 / (1 - forget) samples of each training rank count.
  double forget = 1;
};
LinearSettings read_linear(const Config& model, const Signature& signature);

/// `model = { kind = "knn", neighbours = 8, capacity = 4096 }`
struct KnnSettings {
  std::int64_t neighbours = 8;
  /// Samples stored in the model, of all training ranks together.
  std::int64_t capacity = 4096;
};
KnnSettings read_knn(const Config& model, const Signature& signature);

/// `model = { kind = "pod", rank = 8, reconstruct = true }`
struct PodSettings {
  /// Modes.
  std::int64_t rank = 8;
  /// The answer is the input, projected; otherwise the modes' coefficients are regressed on the
  /// inputs. By default true where inputs and outputs are the same features.
  bool reconstruct = false;
};
PodSettings read_pod(const Config& model, const Signature& signature);

/// The most numbers in a sample's inputs and outputs together: of the square of this is memory, and
/// of its cube the time of a publication.
inline constexpr std::int64_t most_numbers = 4096;

}  // namespace cardan::baselines
