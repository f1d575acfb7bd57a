/// The physical systems of the miniapp: what a walker is, and which states it is to find.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace steer {

/// What the run file or the command line chooses; reduced units of the system.
struct SystemSettings {
  /// "muller_brown", "lj7", "lj13" or "lj38".
  std::string name = "lj7";
  /// kT.
  double temperature = 0.15;
  /// 0: the system's own.
  double dt = 0;
  double friction = 1;
  /// Of the states that count: "labels" (which atom is in the middle of the ground state) or
  /// "isomers"; Müller-Brown has its three minima whatever this says.
  std::string target = "labels";
  /// "built-in" or "lammps".
  std::string engine = "built-in";
  /// Numbers of a descriptor that say nothing: noise, new in each frame.
  std::int64_t nuisance = 0;
};

/// One trajectory. Not thread-safe; makes no MPI calls.
class Walker {
 public:
  virtual ~Walker() = default;
  /// Runs so many steps of the dynamics; returns the simulated time that passed.
  virtual double advance(std::int64_t steps) = 0;
  /// Positions (and velocities): what `restart` takes.
  virtual void save(std::span<double> state) const = 0;
  /// Velocities are drawn anew, from `seed`, as all that is random afterwards. An empty state: the
  /// system's own start.
  virtual void restart(std::span<const double> state, std::uint64_t seed) = 0;
  virtual void describe(std::span<double> descriptor) const = 0;
  /// Which of the system's states it is in: 0 to states() - 1, or -1 for none of them. Of clusters:
  /// after a quench of a copy.
  [[nodiscard]] virtual int state() const = 0;
  /// Potential energy, and kinetic energy (0 for overdamped dynamics).
  [[nodiscard]] virtual double potential() const = 0;
  [[nodiscard]] virtual double kinetic() const = 0;
  /// Basin hopping: one hop (displace, quench, accept by Metropolis); returns the energy of the
  /// minimum that it is in afterwards. Throws where the system has none.
  virtual double hop() = 0;
};

class System {
 public:
  virtual ~System() = default;
  /// Names of the states that are to be found.
  [[nodiscard]] virtual const std::vector<std::string>& states() const = 0;
  /// Numbers of a descriptor and of a state.
  [[nodiscard]] virtual std::int64_t descriptor_size() const = 0;
  [[nodiscard]] virtual std::int64_t state_size() const = 0;
  [[nodiscard]] virtual double dt() const = 0;
  [[nodiscard]] virtual std::unique_ptr<Walker> walker(std::uint64_t seed) const = 0;
  /// Populations at equilibrium where they are known at this temperature; otherwise empty.
  [[nodiscard]] virtual std::vector<double> equilibrium() const = 0;
};

/// Throws std::invalid_argument, naming what is known, where there is no such system, target or
/// engine.
std::unique_ptr<System> make_system(const SystemSettings& settings);

}  // namespace steer
