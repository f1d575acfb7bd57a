/// Versions that only the files of a third party know.
#pragma once

#include <string>

namespace cardan::archive {

/// The HDF5 library that is loaded.
std::string hdf5_version();
/// The toml++ that was compiled in.
std::string toml_version();

}  // namespace cardan::archive
