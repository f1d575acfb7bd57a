/// The ranks that work for one surrogate.
#pragma once

#include "couplers/closure/settings.hpp"
#include "session/context.hpp"

#include <vector>

namespace cardan::closure {

struct Team {
  const Context& context;
  /// Of all ranks of the session; ML ranks that work for other surrogates have none.
  std::vector<Roles> roles;
  /// The team's training ranks; empty on others.
  mpi::Comm training;

  /// Collective over the session. Throws the same error on all ranks where the run file gives ranks
  /// that there are not.
  Team(const Context& whole, const SurrogateSettings& settings);
  [[nodiscard]] const Roles& mine() const
  {
    return roles[static_cast<std::size_t>(mpi::rank(context.everyone.get()))];
  }
  [[nodiscard]] int count(bool Roles::*role) const;
  [[nodiscard]] std::vector<int> all(bool Roles::*role) const;
  /// The lowest rank with a role; -1 where there is none.
  [[nodiscard]] int first(bool Roles::*role) const;
};

/// Not collective: who does what for a surrogate, given the session's roles. Throws, with the line,
/// where the run file gives ranks that there are not.
std::vector<Roles> team_roles(const std::vector<Roles>& session, const SurrogateSettings& settings,
                              const Config& run_file);

}  // namespace cardan::closure
