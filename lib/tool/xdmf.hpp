/// XDMF 3: how ParaView and VisIt see the fields of an HDF5 file.
#pragma once

#include "tool/entry.hpp"

#include <string>
#include <vector>

namespace cardan::tool {

/// An array on a uniform grid of two or three dimensions; a dimension behind them has components.
struct GridField {
  const Entry* entry = nullptr;
  std::string name;
  Shape grid;
  std::int64_t components = 1;
  /// One number for each dimension of the grid.
  std::vector<double> origin;
  std::vector<double> spacing;
};

/// Those of `fields/`; of all arrays where the file has no such group. What is left out is told in
/// `notes`.
std::vector<GridField> grid_fields(const File& file, std::vector<std::string>& notes);
/// A file's time: the number `time` in it, else its step, else `index`.
double time_of(const File& file, std::size_t index);
/// The whole text; paths of the files are relative to `folder`.
std::string xdmf(const std::vector<File>& files, const std::string& folder,
                 std::vector<std::string>& notes);

}  // namespace cardan::tool
