/// The one place that names them all: kinds of models and the modules that they live in.
#pragma once

#include <cardan/model.hpp>

#include <string>
#include <vector>

namespace cardan {

/// The kinds of models that a run file can name.
std::vector<std::string> model_kinds();
/// Loads (once) the module that a model kind lives in. Throws with what was looked for, and where.
Module& module_of(const std::string& kind);

}  // namespace cardan
