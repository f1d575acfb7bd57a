/// Roles: which ranks simulate, infer and train.
#pragma once

#include <cardan/config.hpp>

#include <optional>
#include <string>
#include <vector>

namespace cardan {

/// What a rank does. An ML rank may do both of its kinds of work.
struct Roles {
  bool simulation = false;
  bool inference = false;
  bool training = false;

  [[nodiscard]] bool ml() const { return inference || training; }
};
std::string to_string(const Roles& roles);
/// The ranks that have a role, ascending.
std::vector<int> ranks_with(const std::vector<Roles>& roles, bool Roles::*role);

/// `[ranks] ml = { count = 2 }`, `{ fraction = 0.25 }` or `{ per_node = 1 }`, and `[ranks] training
/// = 1`.
struct MlShare {
  enum class Kind { none, count, fraction, per_node };
  Kind kind = Kind::none;
  double amount = 0;
  /// How many of the ML ranks train; unset: half of them, rounded up (the only one does both).
  std::optional<int> training;
};
MlShare read_share(const Config& run_file);

/// One program on all ranks: which of them become ML ranks, given each rank's node. Ranks of a
/// node's end are taken first. Throws where none is left to simulate.
std::vector<bool> choose_ml_ranks(const MlShare& share, const std::vector<int>& nodes,
                                  const Config& run_file);
/// The roles that follow. The last ML ranks train, the others infer.
std::vector<Roles> assign_roles(const std::vector<bool>& ml, const MlShare& share,
                                const Config& run_file);

}  // namespace cardan
