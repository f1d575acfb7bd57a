#include "problem.hpp"

#include "fields.hpp"
#include "initial.hpp"

#include <cardan/archive.hpp>
#include <cardan/error.hpp>

#include <algorithm>

namespace inner {

namespace {

bool is_file(const std::string& initial)
{
  return initial.ends_with(".h5") || initial.ends_with(".hdf5");
}

}  // namespace

Problem read_problem(const cardan::Config& table, const Overrides& overrides)
{
  Problem problem;
  Settings& settings = problem.settings;
  const auto cells = [&](const char* key, std::size_t fallback) {
    const auto value = table.get<std::int64_t>(key, static_cast<std::int64_t>(fallback));
    if (value < 1) throw table.error(key, "must be at least 1");
    return static_cast<std::size_t>(value);
  };
  const auto positive = [&](const char* key, double fallback) {
    const double value = table.get<double>(key, fallback);
    if (!(value > 0)) throw table.error(key, "must be positive");
    return value;
  };
  settings.nx = cells("nx", settings.nx);
  settings.ny = cells("ny", settings.ny);
  if (overrides.grid) {
    if (*overrides.grid < 1) throw cardan::Error{"--grid must be at least 1"};
    settings.nx = settings.ny = static_cast<std::size_t>(*overrides.grid);
  }
  settings.length = positive("length", settings.length);
  settings.dt = positive("dt", settings.dt);
  const auto diffusivity = table.get<std::vector<double>>(
      "diffusivity", {settings.diffusivity.begin(), settings.diffusivity.end()});
  if (diffusivity.size() != species ||
      *std::min_element(diffusivity.begin(), diffusivity.end()) < 0)
    throw table.error("diffusivity", "three values are needed, none of them negative");
  std::copy(diffusivity.begin(), diffusivity.end(), settings.diffusivity.begin());
  if (table.choice("boundary", {"no_flux", "periodic"}, "no_flux") == "periodic")
    settings.boundary = Boundary::periodic;
  settings.tolerances.relative = positive("relative_tolerance", settings.tolerances.relative);

  problem.steps = overrides.steps.value_or(table.get<std::int64_t>("steps", 100));
  if (problem.steps < 1) throw table.error("steps", "must be at least 1");
  problem.initial = overrides.initial.value_or(table.get<std::string>("initial", "blobs"));
  const auto known = profile_names();
  if (!is_file(problem.initial) &&
      std::find(known.begin(), known.end(), problem.initial) == known.end()) {
    std::string names;
    for (const auto& name : known) names += "'" + name + "', ";
    throw cardan::Error{"unknown initial fields '" + problem.initial + "'",
                        "known: " + names + "or an HDF5 file's name, ending in .h5"};
  }
  return problem;
}

void set_initial_state(MPI_Comm comm, Reactor& reactor, const Problem& problem, std::uint64_t seed)
{
  const Settings& settings = reactor.settings();
  if (!is_file(problem.initial)) {
    const double height =
        settings.length * static_cast<double>(settings.ny) / static_cast<double>(settings.nx);
    reactor.fill(make_profile(problem.initial, seed, settings.length, height));
    return;
  }
  cardan::Archive archive{comm, problem.initial, cardan::Archive::Mode::read};
  archive.read("state", state_field(reactor));
}

}  // namespace inner
