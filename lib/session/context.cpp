#include "session/context.hpp"

#include <algorithm>

namespace cardan {

RunSettings read_run_settings(const Config& run_file)
{
  RunSettings settings;
  const Config run = run_file.table("run");
  settings.seed = run.get<std::int64_t>("seed", settings.seed);
  settings.deadline = run.get<Seconds>("deadline", Seconds{settings.deadline}).value;
  settings.quiet = run.get<bool>("quiet", false);
  const std::string kind =
      run_file.table("transport").choice("kind", {"auto", "shared", "rma"}, "auto");
  if (kind == "shared") settings.transport = TransportKind::shared;
  if (kind == "rma") settings.transport = TransportKind::rma;
  return settings;
}

int Context::count(bool Roles::*role) const
{
  return static_cast<int>(
      std::count_if(roles.begin(), roles.end(), [&](const Roles& r) { return r.*role; }));
}

int Context::first(bool Roles::*role) const
{
  const auto found =
      std::find_if(roles.begin(), roles.end(), [&](const Roles& r) { return r.*role; });
  return found == roles.end() ? -1 : static_cast<int>(found - roles.begin());
}

}  // namespace cardan
