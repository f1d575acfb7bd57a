/// What is simulated and reduced, whichever it is.
#pragma once

#include "gray_scott.hpp"
#include "taylor_green.hpp"

#include <mpi.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace reduce {

/// Reaction rates, before or after they change.
struct Rates {
  double feed = 0.026;
  double kill = 0.051;
};

struct SystemSettings {
  /// One of known_systems().
  std::string name = "gray-scott";
  /// Cells along an edge.
  std::int64_t size = 256;
  std::uint64_t seed = 1;
  Rates rates{};
  Rates changed_rates{0.0367, 0.0649};
  double viscosity = 0.02;
  double changed_viscosity = 0.005;
  int wavenumber = 4;
  double perturbation = 0.2;
};

/// "gray-scott", "gray-scott-3d" and "taylor-green".
const std::vector<std::string>& known_systems();

/// The fields of this rank, as they lie: components one after the other, each of the part's cells.
struct View {
  std::string name;
  const double* data = nullptr;
  int components = 2;
  /// Numbers from one component, plane and row to the next.
  std::int64_t component = 0;
  std::int64_t plane = 0;
  std::int64_t row = 0;
};

class System {
 public:
  virtual ~System() = default;
  /// Collective over the ranks of the system, blocking.
  virtual void step() = 0;
  /// Parameters become the others.
  virtual void change() = 0;
  [[nodiscard]] virtual const Part& part() const = 0;
  /// Valid until the next step.
  [[nodiscard]] virtual View view() const = 0;
  /// All that further steps depend on, parameters included.
  [[nodiscard]] virtual std::vector<double> save() const = 0;
  virtual void restore(const std::vector<double>& saved) = 0;
};

/// Collective over `comm`. Throws std::invalid_argument where the settings make no sense.
std::unique_ptr<System> make_system(MPI_Comm comm, const SystemSettings& settings);

/// The numbers of the view, dense: components, then z, y, x.
std::vector<double> dense(const View& view, const Part& part);

}  // namespace reduce
