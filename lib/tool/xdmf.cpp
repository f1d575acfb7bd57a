#include "tool/xdmf.hpp"

#include "tool/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <tuple>
#include <utility>

namespace cardan::tool {

namespace {

/// More components than this are not listed one by one.
constexpr std::int64_t most_components = 64;

std::string escaped(const std::string& text)
{
  std::string safe;
  for (const char c : text) {
    switch (c) {
      case '&': safe += "&amp;"; break;
      case '<': safe += "&lt;"; break;
      case '>': safe += "&gt;"; break;
      case '"': safe += "&quot;"; break;
      default: safe += static_cast<unsigned char>(c) < 32 ? ' ' : c;
    }
  }
  return safe;
}

std::string spaced(const Shape& shape)
{
  return fmt::format("{}", fmt::join(shape, " "));
}

const char* number_type(Dtype dtype)
{
  switch (dtype) {
    case Dtype::float32:
    case Dtype::float64: return "Float";
    case Dtype::int8: return "Char";
    case Dtype::uint8: return "UChar";
    case Dtype::int16:
    case Dtype::int32:
    case Dtype::int64: return "Int";
    default: return "UInt";
  }
}

class Writer {
 public:
  Writer(std::string folder, std::vector<std::string>& notes)
      : folder_(std::move(folder)), notes_(notes)
  {}

  void open(const std::string& tag)
  {
    line(tag);
    depth_ += 2;
  }
  void close(const std::string& name)
  {
    depth_ -= 2;
    line("</" + name + ">");
  }
  void line(const std::string& text) { text_ += std::string(depth_, ' ') + text + "\n"; }

  /// All grids of one file: fields of the same shape, origin and spacing share one.
  void file(const File& file, std::size_t index)
  {
    const auto fields = grid_fields(file, notes_);
    std::vector<std::vector<const GridField*>> grids;
    for (const auto& field : fields) {
      const auto same = [&](const auto& grid) {
        return std::tie(grid[0]->grid, grid[0]->origin, grid[0]->spacing) ==
               std::tie(field.grid, field.origin, field.spacing);
      };
      const auto found = std::find_if(grids.begin(), grids.end(), same);
      (found == grids.end() ? grids.emplace_back() : *found).push_back(&field);
    }
    const std::string time = fmt::format("<Time Value=\"{}\"/>", time_of(file, index));
    if (grids.size() != 1) {
      open(R"(<Grid Name="fields" GridType="Collection" CollectionType="Spatial">)");
      line(time);
    }
    for (std::size_t i = 0; i < grids.size(); ++i)
      grid(file, grids[i], fmt::format("grid{}", i), grids.size() == 1 ? time : "");
    if (grids.size() != 1) close("Grid");
  }

  [[nodiscard]] std::string text() const { return text_; }

 private:
  void grid(const File& file, const std::vector<const GridField*>& fields, const std::string& name,
            const std::string& time)
  {
    const GridField& first = *fields[0];
    const bool flat = first.grid.size() == 2;
    open(fmt::format(R"(<Grid Name="{}" GridType="Uniform">)", name));
    if (!time.empty()) line(time);
    line(fmt::format(R"(<Topology TopologyType="{}" Dimensions="{}"/>)",
                     flat ? "2DCoRectMesh" : "3DCoRectMesh", spaced(first.grid)));
    open(fmt::format(R"(<Geometry GeometryType="{}">)", flat ? "ORIGIN_DXDY" : "ORIGIN_DXDYDZ"));
    for (const auto* numbers : {&first.origin, &first.spacing})
      line(fmt::format(
          R"(<DataItem Dimensions="{}" NumberType="Float" Precision="8" Format="XML">{}</DataItem>)",
          numbers->size(), fmt::join(*numbers, " ")));
    close("Geometry");
    for (const auto* field : fields) attribute(file, *field);
    close("Grid");
  }

  void attribute(const File& file, const GridField& field)
  {
    const std::string units = text_of(field.entry->attribute("units"));
    const auto begin = [&](const std::string& name, const char* type) {
      open(fmt::format(R"(<Attribute Name="{}" AttributeType="{}" Center="Node">)", escaped(name),
                       type));
      if (!units.empty())
        line(fmt::format(R"(<Information Name="units" Value="{}"/>)", escaped(units)));
    };
    if (field.components == 1 || field.components == 3) {
      begin(field.name, field.components == 1 ? "Scalar" : "Vector");
      data(file, *field.entry, field.entry->shape);
      close("Attribute");
      return;
    }
    if (field.components > most_components)
      notes_.push_back(fmt::format("{}: of '{}' the first {} components of {} are given",
                                   file.path(), field.entry->path, most_components,
                                   field.components));
    for (std::int64_t i = 0; i < std::min(field.components, most_components); ++i) {
      begin(fmt::format("{}_{}", field.name, i), "Scalar");
      component(file, field, i);
      close("Attribute");
    }
  }

  void component(const File& file, const GridField& field, std::int64_t index)
  {
    Shape start(field.entry->shape.size(), 0);
    start.back() = index;
    Shape count = field.entry->shape;
    count.back() = 1;
    const Shape step(start.size(), 1);
    open(fmt::format(R"(<DataItem ItemType="HyperSlab" Dimensions="{}" Type="HyperSlab">)",
                     spaced(field.grid)));
    line(fmt::format(
        R"(<DataItem Dimensions="3 {}" NumberType="Int" Format="XML">{} {} {}</DataItem>)",
        start.size(), spaced(start), spaced(step), spaced(count)));
    data(file, *field.entry, field.entry->shape);
    close("DataItem");
  }

  void data(const File& file, const Entry& entry, const Shape& shape)
  {
    std::error_code code;
    auto path = std::filesystem::relative(file.path(), folder_, code);
    if (code || path.empty()) path = std::filesystem::absolute(file.path());
    line(fmt::format(
        R"(<DataItem Dimensions="{}" NumberType="{}" Precision="{}" Format="HDF"{}>{}:/{}</DataItem>)",
        spaced(shape), number_type(*entry.dtype), entry.element,
        entry.type.find(" BE") != std::string::npos ? " Endian=\"Big\"" : "",
        escaped(path.string()), escaped(entry.path)));
  }

  std::string folder_;
  std::vector<std::string>& notes_;
  std::size_t depth_ = 0;
  std::string text_;
};

}  // namespace

std::string xdmf(const std::vector<File>& files, const std::string& folder,
                 std::vector<std::string>& notes)
{
  Writer writer{folder, notes};
  writer.line(R"(<?xml version="1.0" encoding="utf-8"?>)");
  writer.open(R"(<Xdmf Version="3.0">)");
  writer.open("<Domain>");
  if (files.size() > 1)
    writer.open(R"(<Grid Name="run" GridType="Collection" CollectionType="Temporal">)");
  for (std::size_t i = 0; i < files.size(); ++i) writer.file(files[i], i);
  if (files.size() > 1) writer.close("Grid");
  writer.close("Domain");
  writer.close("Xdmf");
  return writer.text();
}

}  // namespace cardan::tool
