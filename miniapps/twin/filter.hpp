/// Filters: what an observation makes of an ensemble.
#pragma once

#include "ensemble.hpp"
#include "observation.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace twin {

enum class FilterKind : std::uint8_t {
  /// Baselines, mostly with one member: nothing is assimilated; the climate's mean; the best linear
  /// estimate from it and one observation; 3D-Var with a fixed covariance.
  free_run,
  climatology,
  optimal_interpolation,
  variational,
  /// EnKF with perturbed observations; DEnKF; ETKF; LETKF.
  stochastic,
  deterministic,
  square_root,
  local,
};
/// As run files write it: free-run, climatology, optimal-interpolation, variational, stochastic,
/// deterministic, square-root, local.
const char* to_string(FilterKind kind) noexcept;
/// Throws std::invalid_argument, which lists the kinds.
FilterKind filter_kind(const std::string& name);

/// Names and conventions are those of DAPPER (Raanes et al., JOSS 9 (2024) 5150).
struct FilterSettings {
  FilterKind kind = FilterKind::square_root;
  /// Anomalies are multiplied by it after each analysis.
  double inflation = 1;
  /// Turns the anomalies by a random orthogonal matrix that keeps the mean.
  bool rotate = false;
  /// Of square_root: inflates before each analysis by what the innovation says, the finite-size
  /// filter (Bocquet, Raanes and Hannart 2015) in DAPPER's dual form. `confidence` is its xN.
  bool adaptive = false;
  double confidence = 1;
  /// Of local: sites where the weight of an observation is exp(-1/2), in the taper of Gaspari and
  /// Cohn (1999), which ends at 3.64 times that; how many neighbours are analysed together.
  double radius = 4;
  int batch = 1;
  /// Of variational: what the climate's covariance is multiplied by.
  double background = 0.02;
  /// Of perturbations and rotations.
  std::uint64_t seed = 1;
};

/// Mean and covariance (size x size, symmetric) of a model's states; for the baselines.
struct Climate {
  std::vector<double> mean;
  std::vector<double> covariance;
};

/// Keeps its work space from cycle to cycle.
class Filter {
 public:
  virtual ~Filter() = default;
  /// Collective over the ensemble's ranks, with the same observation on all of them: makes the
  /// forecast an analysis. The result is the same bits on any number of ranks. `cycle` picks the
  /// random numbers. An empty observation changes nothing.Throws on all ranks, and leaves the
  /// members as they are: std::invalid_argument where the observation does not fit,
  /// std::runtime_error where an ensemble filter meets a member that is not finite.
  virtual void analyse(Ensemble& ensemble, const Observation& observation, std::int64_t cycle) = 0;
};

/// `climate` is needed by the baselines only, and copied. Throws std::invalid_argument where it is
/// missing or settings are senseless.
std::unique_ptr<Filter> make_filter(const FilterSettings& settings,
                                    const Climate* climate = nullptr);

/// The taper: 1 at 0, exp(-1/2) at `radius`, 0 from 3.64 radius on.
double gaspari_cohn(double distance, double radius);

}  // namespace twin
