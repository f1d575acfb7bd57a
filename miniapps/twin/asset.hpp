/// The asset: the truth, and what is measured of it.
#pragma once

#include "filter.hpp"
#include "model.hpp"
#include "observation.hpp"
#include "options.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace twin {

/// Each asset rank runs the whole of it (it is cheap) and measures its own part: the same truth on
/// any number of ranks.
class Asset {
 public:
  Asset(const Problem& problem, std::uint64_t seed);

  /// One interval further, with the forcing changed by `control`.
  void advance(double control);
  /// The forcing that does not come from a control, from the next interval on.
  void force(double forcing) { forcing_ = forcing; }
  /// What the twin is about: without the fast variables.
  [[nodiscard]] std::span<const double> truth() const;
  /// Measures those of `sites` that are part of `part` of `parts`.
  [[nodiscard]] Observation measure(std::span<const std::int64_t> sites, std::int64_t cycle,
                                    int part, int parts) const;
  /// The most sites of one part.
  static std::int64_t most_sites(const Problem& problem, int parts);

 private:
  Problem problem_;
  std::uint64_t seed_;
  double forcing_;
  std::unique_ptr<Model> model_;
  std::function<void(double)> set_forcing_;
  int steps_ = 1;
  std::vector<double> state_;
};

/// The climate of an asset like this one, from a history of `time` units.
Climate history(const Problem& problem, double time);

/// Half the mean square.
double energy_of(std::span<const double> state);
double rms_difference(std::span<const double> a, std::span<const double> b);

}  // namespace twin
