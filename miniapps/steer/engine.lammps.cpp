// The atoms moved by LAMMPS: its Lennard-Jones, its Langevin thermostat, its integrator.
#include "cluster.hpp"

#include <mpi.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <stdexcept>
#include <utility>

#define LAMMPS_LIB_MPI
#include <lammps/library.h>

namespace steer {
namespace {

struct Close {
  void operator()(void* lammps) const { lammps_close(lammps); }
};

/// Every pair is within the cutoff: the wall keeps an atom well within 3 of the centre of mass. The
/// box follows the atoms, so that nothing is wrapped.
constexpr const char* script = R"(
units lj
dimension 2
boundary s s p
atom_style atomic
atom_modify map array sort 0 0.0
region box block -6 6 -6 6 -0.5 0.5
create_box 1 box
mass 1 1.0
pair_style lj/cut 7.0
pair_coeff 1 1 1.0 1.0
neighbor 1.0 bin
neigh_modify delay 0 every 1 check yes
thermo 0
thermo_modify norm no lost error
)";

class Lammps : public Engine<Lj7> {
 public:
  Lammps(const Lj7& potential, const SystemSettings& settings, double dt)
      : potential_(potential), settings_(settings)
  {
    std::array<std::string, 5> words{"steer", "-screen", "none", "-log", "none"};
    std::array<char*, 5> arguments{};
    for (std::size_t i = 0; i < words.size(); ++i) arguments[i] = words[i].data();
    lammps_.reset(
        lammps_open(static_cast<int>(arguments.size()), arguments.data(), MPI_COMM_SELF, nullptr));
    if (!lammps_) throw std::runtime_error("LAMMPS could not be opened");
    lammps_commands_string(lammps_.get(), script);
    command("timestep " + text(dt));
    // Anywhere: start() moves them.
    for (std::size_t i = 0; i < Lj7::count; ++i) {
      command("create_atoms 1 single " + std::to_string(i) + ".0 0.0 0.0 units box");
    }
  }

  void start(const Vector& positions, const Vector& velocities, std::uint64_t seed) override
  {
    for (const Vector* each : {&positions, &velocities}) {
      if (std::all_of(each->begin(), each->end(), [](double x) { return std::isfinite(x); }))
        continue;
      throw std::runtime_error(
          "cannot start LAMMPS from a frame that is not finite (it would end the job); look for "
          "the frame's origin");
    }
    scatter("x", positions);
    scatter("v", velocities);
    thermostat(seed);
    run(0);
  }

  void advance(std::int64_t steps) override { run(steps); }
  const Vector& positions() const override { return x_; }
  const Vector& velocities() const override { return v_; }
  double energy() const override { return energy_; }

 private:
  static std::string text(double value)
  {
    std::array<char, 40> buffer{};
    std::snprintf(buffer.data(), buffer.size(), "%.17g", value);
    return buffer.data();
  }

  void command(const std::string& line) { lammps_command(lammps_.get(), line.c_str()); }

  /// In the order that they act in: the noise's generator begins anew with its fix.
  void thermostat(std::uint64_t seed)
  {
    for (const char* fix : fixes_) command(std::string{"unfix "} + fix);
    fixes_.clear();
    if (settings_.friction > 0) {
      const std::string t = text(settings_.temperature);
      // Its variant "gjf" would leave the plane.
      command("fix noise all langevin " + t + ' ' + t + ' ' + text(1 / settings_.friction) + ' ' +
              std::to_string(1 + seed % 900000000));
      fixes_.push_back("noise");
    }
    command("fix motion all nve");
    command("fix wall all external pf/callback 1 1");
    command("fix plane all enforce2d");
    fixes_.insert(fixes_.end(), {"motion", "wall", "plane"});
    lammps_set_fix_external_callback(lammps_.get(), "wall", wall_force, this);
  }

  /// The force of the wall on the atoms as LAMMPS keeps them.
  static void wall_force(void* self, int64_t, int atoms, int* ids, double** x, double** force)
  {
    auto& engine = *static_cast<Lammps*>(self);
    Vector positions{};
    for (int i = 0; i < atoms; ++i) {
      for (std::size_t k = 0; k < Lj7::axes; ++k) {
        positions[k * Lj7::count + static_cast<std::size_t>(ids[i] - 1)] = x[i][k];
      }
    }
    Vector pull{};
    engine.wall_energy_ = engine.potential_.hold(positions, pull);
    for (int i = 0; i < atoms; ++i) {
      for (std::size_t k = 0; k < Lj7::axes; ++k) {
        force[i][k] = pull[k * Lj7::count + static_cast<std::size_t>(ids[i] - 1)];
      }
      force[i][2] = 0;
    }
  }

  void run(std::int64_t steps)
  {
    command("run " + std::to_string(steps) + " post no");
    gather("x", x_);
    gather("v", v_);
    energy_ = lammps_get_thermo(lammps_.get(), "pe") + wall_energy_;
  }

  // LAMMPS has three coordinates an atom, and one atom after the other.
  void scatter(const char* name, const Vector& from)
  {
    std::array<double, 3 * Lj7::count> all{};
    for (std::size_t i = 0; i < Lj7::count; ++i) {
      for (std::size_t k = 0; k < Lj7::axes; ++k) all[3 * i + k] = from[k * Lj7::count + i];
    }
    lammps_scatter_atoms(lammps_.get(), std::string{name}.data(), 1, 3, all.data());
  }
  void gather(const char* name, Vector& to)
  {
    std::array<double, 3 * Lj7::count> all{};
    lammps_gather_atoms(lammps_.get(), std::string{name}.data(), 1, 3, all.data());
    for (std::size_t i = 0; i < Lj7::count; ++i) {
      for (std::size_t k = 0; k < Lj7::axes; ++k) to[k * Lj7::count + i] = all[3 * i + k];
    }
  }

  std::unique_ptr<void, Close> lammps_;
  Lj7 potential_;
  SystemSettings settings_;
  std::vector<const char*> fixes_;
  Vector x_{};
  Vector v_{};
  double energy_ = 0;
  double wall_energy_ = 0;
};

}  // namespace

std::unique_ptr<Engine<Lj7>> lammps_engine(const Lj7& potential, const SystemSettings& settings,
                                           double dt)
{
  return std::make_unique<Lammps>(potential, settings, dt);
}

}  // namespace steer
