/// The decaying Taylor-Green vortex in two dimensions, by a lattice Boltzmann method.
#pragma once

#include "halo.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace reduce {

/// A periodic square with edges of 2 pi; the largest velocity is 1 when it begins.
struct TaylorGreenSettings {
  /// Along each axis.
  std::int64_t cells = 128;
  double viscosity = 0.02;
  /// Vortices along each axis: 2 times this.
  int wavenumber = 1;
  /// Amplitude of waves of other lengths, which the vortices then pair and merge with; 0: the exact
  /// solution.
  double perturbation = 0;
  std::uint64_t seed = 1;
};

/// u = cos kx sin ky e^{-2 nu k^2 t}, v = -sin kx cos ky e^{-2 nu k^2 t} (Taylor and Green, 1937).
std::array<double, 2> taylor_green_velocity(const TaylorGreenSettings& settings, double y, double x,
                                            double time);

/// D2Q9 with one relaxation time (Krueger et al., The Lattice Boltzmann Method, 2017). The
/// lattice's velocity falls with the spacing, so that the error of both space and compressibility
/// is of second order. The same bits on any number of ranks.
class TaylorGreen {
 public:
  /// Collective over `comm`. Throws std::invalid_argument where the method would be unstable or the
  /// grid cannot be cut.
  TaylorGreen(MPI_Comm comm, const TaylorGreenSettings& settings);

  /// Collective, blocking.
  void step();
  void set_viscosity(double viscosity);

  [[nodiscard]] const TaylorGreenSettings& settings() const { return settings_; }
  [[nodiscard]] const Halo& halo() const { return halo_; }
  [[nodiscard]] double dt() const { return dt_; }
  [[nodiscard]] double spacing() const { return spacing_; }
  [[nodiscard]] double time() const { return time_; }
  /// u, then v, each count[1] x count[2], at cell centres, as of the last step.
  [[nodiscard]] const std::vector<double>& velocity() const { return velocity_; }
  /// Of all ranks: the mean of (u^2 + v^2) / 2. Collective, blocking; not the same bits on any
  /// number of ranks.
  [[nodiscard]] double energy() const;

  /// All that a step begins from.
  [[nodiscard]] std::vector<double> state() const;
  void restore(const std::vector<double>& state);

 private:
  void fill();

  TaylorGreenSettings settings_;
  Halo halo_;
  double spacing_;
  double dt_;
  double time_ = 0;
  std::vector<double> populations_;
  std::vector<double> next_;
  std::vector<double> velocity_;
};

}  // namespace reduce
