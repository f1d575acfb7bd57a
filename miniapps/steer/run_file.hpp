/// The run file as it is run: with what the command line puts in the place of its keys.
#pragma once

#include <optional>
#include <set>
#include <string>

namespace steer {

/// Keys of `[ensemble.NAME]`.
struct EnsembleOverrides {
  /// The ensembles that are run: the others stay as they are.
  std::set<std::string> names;
  std::optional<int> members;
  std::optional<bool> barrier;
};

/// The text with those keys in the tables of those ensembles; each is to begin with its own header,
/// and to have each key on a line of its own. Nothing else changes.
std::string overridden(const std::string& text, const EnsembleOverrides& overrides);

}  // namespace steer
