#include "tool/xdmf.hpp"

#include "tool/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <sstream>

namespace cardan::tool {

namespace {

/// Components that a trailing dimension may have where no axes say what it is.
constexpr std::int64_t most_unnamed = 9;

bool is_spatial(const std::string& axis)
{
  static constexpr std::array names{
      "x",     "y",         "z",      "i",     "j", "k",     "lat", "lon", "latitude", "lev",
      "level", "longitude", "height", "depth", "r", "theta", "phi", "row", "column"};
  return std::find(names.begin(), names.end(), axis) != names.end();
}

std::vector<std::string> axes_of(const Entry& entry)
{
  std::vector<std::string> axes;
  std::istringstream words(text_of(entry.attribute("axes")));
  for (std::string word; words >> word;) axes.push_back(word);
  return axes.size() == entry.shape.size() ? axes : std::vector<std::string>{};
}

/// Whether the last dimension has components rather than cells.
bool has_components(const Entry& entry)
{
  const auto axes = axes_of(entry);
  if (!axes.empty())
    return !is_spatial(axes.back()) && std::all_of(axes.begin(), axes.end() - 1, is_spatial);
  if (entry.shape.size() == 4) return true;
  return entry.shape.size() == 3 && entry.shape.back() <= most_unnamed;
}

/// An attribute of the array or of the file: one number for each dimension, or one for all.
std::vector<double> numbers(const File& file, const Entry& entry, const char* name,
                            std::size_t dimensions, double fallback)
{
  auto values = numbers_of(entry.attribute(name));
  if (values.empty()) values = numbers_of(file.root().attribute(name));
  if (values.size() == 1) values.assign(dimensions, values[0]);
  if (values.size() < dimensions) values.assign(dimensions, fallback);
  values.resize(dimensions);
  return values;
}

}  // namespace

std::vector<GridField> grid_fields(const File& file, std::vector<std::string>& notes)
{
  const Entry* group = file.find("fields");
  const std::string begin = group != nullptr && group->kind == Entry::Kind::group ? "fields/" : "";
  std::vector<GridField> fields;
  for (const auto& entry : file.entries()) {
    if (entry.kind != Entry::Kind::array || entry.path.rfind(begin, 0) != 0) continue;
    GridField field;
    field.entry = &entry;
    field.name = entry.path.substr(begin.size());
    field.grid = entry.shape;
    if (entry.dtype && has_components(entry)) {
      field.components = entry.shape.back();
      field.grid.pop_back();
    }
    const std::size_t dimensions = field.grid.size();
    if (!entry.dtype || entry.type == "bool" || entry.type == "enum" || dimensions < 2 ||
        dimensions > 3 || entry.elements() == 0) {
      notes.push_back(
          fmt::format("{}: '{}' is left out: {} {} is no grid of two or three dimensions",
                      file.path(), entry.path, entry.type, shape_text(entry.shape)));
      continue;
    }
    field.origin = numbers(file, entry, "origin", dimensions, 0);
    field.spacing = numbers(file, entry, "spacing", dimensions, 1);
    fields.push_back(std::move(field));
  }
  return fields;
}

double time_of(const File& file, std::size_t index)
{
  for (const char* name : {"time", "step"})
    if (const auto values = numbers_of(file.root().attribute(name)); values.size() == 1)
      return values[0];
  for (const char* name : {"time", "step", "session/step"})
    if (const auto value = file.number(name)) return *value;
  return static_cast<double>(index);
}

}  // namespace cardan::tool
