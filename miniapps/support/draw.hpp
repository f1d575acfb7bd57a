/// Pictures of a run, drawn by the script that reads its HDF5 file.
#pragma once

#include <string>

namespace miniapp {

/// Runs `scripts/NAME FOLDER` and waits for it; a notice on standard error where it cannot. To be
/// called after MPI_Finalize, on one rank.
void draw(const std::string& name, const std::string& folder);

}  // namespace miniapp
