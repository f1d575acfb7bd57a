#include "session/context.hpp"

namespace cardan {

namespace {

TransportKind transport_named(const std::string& name)
{
  for (const auto kind : {TransportKind::shared, TransportKind::rma, TransportKind::two_sided})
    if (name == to_string(kind)) return kind;
  return TransportKind::automatic;
}

}  // namespace

RunSettings read_run_settings(const Config& run_file)
{
  RunSettings settings;
  const Config run = run_file.table("run");
  //= of everything that is random: weights, mini-batches, reservoirs, and the miniapp's initial
  //= fields
  settings.seed = run.get<std::int64_t>("seed", settings.seed);
  //= after which a wait for other ranks is an error
  settings.deadline = run.get<Seconds>("deadline", Seconds{settings.deadline}).value;
  //= no notices on standard error
  settings.quiet = run.get<bool>("quiet", false);
  //= simulation and training take turns, so that two runs of the same file on the same ranks are
  //= identical
  settings.deterministic = run.get<bool>("deterministic", false);
  const Config transport = run_file.table("transport");
  settings.transport =
      //= how fields move: one way, or the first that passes a self-test, see below
      transport_named(transport.choice("kind", {"auto", "shared", "rma", "two_sided"}, "auto"));
  settings.between_nodes =
      //= with `kind = "auto"`: what moves fields between nodes, without the self-test there
      transport_named(transport.choice("between_nodes", {"auto", "rma", "two_sided"}, "auto"));
  return settings;
}

int Context::count(bool Roles::*role) const
{
  return static_cast<int>(all(role).size());
}

std::vector<int> Context::all(bool Roles::*role) const
{
  return ranks_with(roles, role);
}

int Context::first(bool Roles::*role) const
{
  // Asked in every round of the ML ranks' loop: without memory.
  for (std::size_t r = 0; r < roles.size(); ++r)
    if (roles[r].*role) return static_cast<int>(r);
  return -1;
}

}  // namespace cardan
