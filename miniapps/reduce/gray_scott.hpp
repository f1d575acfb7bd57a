/// The Gray-Scott model: two species that diffuse and react (Pearson, Science 261, 1993).
#pragma once

#include "halo.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

namespace reduce {

/// u_t = Du lap u - u v^2 + F (1 - u), v_t = Dv lap v + u v^2 - (F + k) v, periodic.
struct GrayScottSettings {
  /// 2 or 3; cells by axis (z is 1 in two dimensions).
  int dimensions = 2;
  Cells cells{1, 256, 256};
  /// Edge of a cell, and length of a step; the scheme is stable for
  /// 2 * dimensions * max(Du, Dv) * dt <= spacing^2.
  double spacing = 1;
  double dt = 1;
  /// Pearson's 2e-5 and 1e-5 on a square of 2.5 with 256 cells along an edge.
  double diffusivity_u = 0.2097152;
  double diffusivity_v = 0.1048576;
  double feed = 0.026;
  double kill = 0.051;
  std::uint64_t seed = 1;
};

/// Central differences of second order (five or seven points) and explicit Euler steps. The same
/// bits on any number of ranks.
class GrayScott {
 public:
  /// Species at a point, from its coordinates z, y, x: cell centres, in units of length.
  using Profile = std::function<std::array<double, 2>(double z, double y, double x)>;

  /// Collective over `comm`; starts as `fill_spots`. Throws std::invalid_argument where the steps
  /// would be unstable or the grid cannot be cut.
  GrayScott(MPI_Comm comm, const GrayScottSettings& settings);

  /// Square spots of v in a sea of u at random places, about a twentieth of the area, and a per
  /// cent of noise.
  void fill_spots();
  void fill(const Profile& profile);
  /// Collective, blocking.
  void step();
  void set_rates(double feed, double kill);

  [[nodiscard]] const GrayScottSettings& settings() const { return settings_; }
  [[nodiscard]] const Halo& halo() const { return halo_; }
  /// Species u and v with ghosts as the halo's layout has them.
  [[nodiscard]] std::vector<double>& state() { return state_; }
  [[nodiscard]] const std::vector<double>& state() const { return state_; }

 private:
  GrayScottSettings settings_;
  Halo halo_;
  std::vector<double> state_;
  std::vector<double> next_;
};

}  // namespace reduce
