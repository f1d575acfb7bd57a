#include "archive/build_information.hpp"

#include <toml++/toml.h>

namespace cardan::archive {

std::string toml_version()
{
  return std::to_string(TOML_LIB_MAJOR) + "." + std::to_string(TOML_LIB_MINOR) + "." +
         std::to_string(TOML_LIB_PATCH);
}

}  // namespace cardan::archive
