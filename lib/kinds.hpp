/// The kinds of models that can be named, and the modules that they live in. C++17: modules
/// register kinds of their own.
#pragma once

#include <string>
#include <vector>

namespace cardan {

/// The kinds of models that a run file can name.
std::vector<std::string> model_kinds();
/// The module of a kind; empty where no such kind is known.
std::string module_of_kind(const std::string& kind);
/// Adds a kind; throws where it is known already.
void add_model_kind(const std::string& kind, const std::string& module);

}  // namespace cardan
