#include "system.hpp"

#include "cluster.hpp"
#include "nuisance.hpp"
#include "valley.hpp"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <stdexcept>
#include <utility>

namespace steer {
namespace {

void check_known(const std::string& key, const std::string& value,
                 std::initializer_list<const char*> known)
{
  if (std::find(known.begin(), known.end(), value) != known.end()) return;
  std::string list;
  for (const char* each : known) list += (list.empty() ? "" : ", ") + std::string{each};
  throw std::invalid_argument(key + " = \"" + value + "\" (unknown); take one of " + list);
}

void check_number(const std::string& key, double value, bool good, const char* wanted)
{
  if (good && std::isfinite(value)) return;
  throw std::invalid_argument(key + " = " + std::to_string(value) + " (must be " + wanted + ')');
}

}  // namespace

std::unique_ptr<System> make_system(const SystemSettings& settings)
{
  check_known("system", settings.name, {"muller_brown", "lj7", "lj13", "lj38"});
  check_known("target", settings.target, {"labels", "isomers"});
  check_known("engine", settings.engine, {"built-in", "lammps"});
  check_number("temperature", settings.temperature, settings.temperature > 0, "positive");
  check_number("dt", settings.dt, settings.dt >= 0, "positive, or 0 for the system's own");
  check_number("friction", settings.friction, settings.friction >= 0, "zero or positive");
  if (settings.engine == "lammps" && settings.name != "lj7") {
    throw std::invalid_argument("engine = \"lammps\" (only for lj7, not for " + settings.name +
                                "); take engine = \"built-in\"");
  }
  check_number("nuisance", static_cast<double>(settings.nuisance), settings.nuisance >= 0,
               "zero or positive");
  auto system = settings.name == "muller_brown" ? make_valley(settings) : make_cluster(settings);
  if (settings.nuisance == 0) return system;
  return with_nuisance(std::move(system), settings.nuisance);
}

}  // namespace steer
