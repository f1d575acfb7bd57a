/// Modules: libraries with models that are loaded at run time.
#pragma once

#include "kinds.hpp"

#include <cardan/config.hpp>
#include <cardan/model.hpp>

#include <string>

namespace cardan {

/// Where modules are: the folder `cardan` beside the library, in the build tree as after
/// installation, or what CARDAN_MODULE_PATH names.
std::string module_folder();
/// The module that a `model` table asks for: of its kind, or the one that reads its file. Throws,
/// with the line, where the kind is not known; loads nothing.
std::string module_name(const Config& model);
/// Loads (once) that module, and the library of one's own that the table names. Throws with what
/// was looked for, and where.
Module& module_for(const Config& model);

}  // namespace cardan
