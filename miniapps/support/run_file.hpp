/// The run file as a run reads it: with what the command line and the report put in the place of
/// its keys.
#pragma once

#include <map>
#include <string>

namespace miniapp {

/// By table, such as `reduction.svd.train`, and by key: its value as TOML; empty: the key is left
/// out.
using Overrides = std::map<std::string, std::map<std::string, std::string>>;

/// The text with those keys in those tables; each is to have a header of its own, and each key a
/// line of its own. A table that the text does not have is put at its end. Nothing else changes.
std::string overridden(const std::string& text, const Overrides& overrides);

}  // namespace miniapp
