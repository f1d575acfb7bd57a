/// Clusters as systems of the miniapp: their states, their descriptor, their walkers.
#pragma once

#include "lennard_jones.hpp"
#include "system.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace steer {

using Lj7 = LennardJones<7, 2>;
using Lj13 = LennardJones<13, 3>;
using Lj38 = LennardJones<38, 3>;

/// What moves the atoms: the miniapp's own dynamics, or another code's.
template <typename Potential>
class Engine {
 public:
  using Vector = typename Potential::Vector;
  virtual ~Engine() = default;
  /// All noise afterwards comes from `seed`.
  virtual void start(const Vector& positions, const Vector& velocities, std::uint64_t seed) = 0;
  virtual void advance(std::int64_t steps) = 0;
  [[nodiscard]] virtual const Vector& positions() const = 0;
  [[nodiscard]] virtual const Vector& velocities() const = 0;
  /// Potential energy at the positions.
  [[nodiscard]] virtual double energy() const = 0;
};

/// A minimum that is known by its energy.
struct Isomer {
  std::string name;
  double energy;
};

/// What distinguishes one cluster from another.
struct ClusterKind {
  double wall;
  double dt;
  /// Of basin hopping: largest displacement of a coordinate.
  double step;
  std::vector<Isomer> isomers;
};
const ClusterKind& lj7_kind();
const ClusterKind& lj13_kind();
const ClusterKind& lj38_kind();

/// Of the isomers of LJ7 with its wall at equilibrium: from T = 0.10 to 0.24, between the
/// temperatures of a table by interpolation; elsewhere empty.
std::vector<double> lj7_populations(double temperature);

/// With the settings' dt, temperature and friction.
template <typename Potential>
std::unique_ptr<Engine<Potential>> built_in_engine(const Potential& potential,
                                                   const SystemSettings& settings, double dt);
/// One LAMMPS instance on MPI_COMM_SELF each. Throws std::invalid_argument in a build without
/// LAMMPS. Its time step is `dt` as well.
std::unique_ptr<Engine<Lj7>> lammps_engine(const Lj7& potential, const SystemSettings& settings,
                                           double dt);

/// `settings.name` is one of the clusters. Throws like make_system.
std::unique_ptr<System> make_cluster(const SystemSettings& settings);

}  // namespace steer
