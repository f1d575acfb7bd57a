#pragma once

#include "halo.hpp"
#include "robertson.hpp"

#include <mpi.h>
#include <array>
#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace inner {

struct Settings {
  std::size_t nx = 96;  // cells of the whole grid, along x
  std::size_t ny = 96;  // and along y
  double length = 1.0;  // of the domain along x; cells are square
  double dt = 0.4;      // one step, in the units of the rates
  std::array<double, species> diffusivity{1e-4, 1e-4, 1e-4};  // length^2 per time, by species
  Boundary boundary = Boundary::no_flux;
  Tolerances tolerances = {};
};

// Concentrations of all species at the point (x, y) of the domain.
using Profile = std::function<std::array<double, species>(double x, double y)>;

// Robertson's kinetics in every cell of a 2-D grid, and diffusion between them.
// One step of Strang splitting is diffuse(dt / 2), react() and accept(), diffuse(dt / 2).
// All fields are the same, bit for bit, whatever the number of ranks.
class Reactor {
 public:
  // Collective. Cuts the grid into one block per rank; all concentrations are 0.
  // Throws std::invalid_argument, on all ranks, for settings or a number of ranks that make no
  // sense.
  Reactor(MPI_Comm comm, const Settings& settings);

  const Settings& settings() const { return settings_; }
  const Block& block() const { return halo_.block(); }
  std::size_t cells() const;  // of this rank

  // This rank's block without ghosts, cells x species, row-major: index (iy * nx + ix) * 3 +
  // species.
  std::span<double> state() { return state_; }
  std::span<const double> state() const { return state_; }
  // The same after the kinetics of one step; undefined for cells that did not react since accept().
  std::span<double> advanced() { return advanced_; }
  std::span<const double> advanced() const { return advanced_; }

  // Sets the state at the centres of the cells.
  void fill(const Profile& profile);

  // Kinetics over dt from state() into advanced(), of one cell of this rank or of all. Local.
  void react(std::size_t cell);
  void react();
  // Makes advanced() the state. Local.
  void accept();

  // Collective. Diffusion of the state over `dt` >= 0, in as many equal parts as stability wants.
  void diffuse(double dt);

  // Collective. Integral of y1 + y2 + y3 over the domain; conserved to round-off by all of the
  // above.
  double mass() const;

  const Robertson& kinetics() const { return kinetics_; }

 private:
  Settings settings_;
  Halo halo_;
  Robertson kinetics_;
  std::vector<double> state_;
  std::vector<double> advanced_;
  std::vector<double> padded_;
};

}  // namespace inner
