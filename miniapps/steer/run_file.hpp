/// The run file as it is run: with what the command line puts in the place of its keys.
#pragma once

#include <optional>
#include <string>

namespace steer {

/// Keys of `[ensemble.*]`.
struct EnsembleOverrides {
  std::optional<int> members;
  std::optional<bool> barrier;

  [[nodiscard]] bool any() const { return members || barrier; }
};

/// The text with those keys in every `[ensemble.NAME]` table; each is to begin with its own header,
/// and to have each key on a line of its own. Nothing else changes.
std::string overridden(const std::string& text, const EnsembleOverrides& overrides);

}  // namespace steer
