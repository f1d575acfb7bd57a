// A build without LAMMPS.
#include "cluster.hpp"

#include <stdexcept>

namespace steer {

std::unique_ptr<Engine<Lj7>> lammps_engine(const Lj7&, const SystemSettings&, double)
{
  throw std::invalid_argument(
      "engine = \"lammps\" (this build has no LAMMPS); install liblammps-dev and configure again, "
      "or take engine = \"built-in\"");
}

}  // namespace steer
