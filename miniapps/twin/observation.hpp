/// What is seen of a state.
#pragma once

#include "random.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace twin {

/// What an instrument measured: values at sites (each once, in any order), with independent errors
/// of known standard deviation. Empty: nothing was seen.
struct Observation {
  std::vector<int> sites;
  std::vector<double> values;
  std::vector<double> deviations;

  [[nodiscard]] std::size_t size() const { return sites.size(); }
  /// Throws std::invalid_argument where it does not fit states of this size.
  void check(std::size_t states) const;
};

enum class ErrorLaw : std::uint8_t { gaussian, laplace };

/// Measures `truth` at `sites`. The error of a site in a cycle does not depend on which other sites
/// are measured.
Observation observe(std::span<const double> truth, std::span<const int> sites, double deviation,
                    std::uint64_t seed, std::int64_t cycle, ErrorLaw law = ErrorLaw::gaussian);

/// 0, every, 2 every, ... below `size`; from `first`.
std::vector<int> every_site(std::size_t size, int every = 1, int first = 0);

}  // namespace twin
