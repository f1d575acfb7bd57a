// A grid's client opens: boxes are checked, and it is found out which cells which rank answers.

#include "couplers/closure/grid_client.hpp"

#include "couplers/closure/field_samples.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace cardan::closure {

GridClient::GridClient(const Context& context, const SurrogateSettings& settings, Open open)
    : Implementation(context, settings, std::move(open))
{}

void GridClient::bind(Fields inputs, Fields outputs)
{
  Binding binding;
  mpi::together(context().part.get(), context().deadline(), [&] {
    binding = {named(inputs, settings().inputs, "inputs"),
               named(outputs, settings().outputs, "outputs")};
    check_boxes(binding);
  });
  box_ = *binding.inputs.front().box;
  open(binding);
  prepare();
  bound_ = true;
}

/// Cells are told apart by where they are alone, so all fields have the same box.
void GridClient::check_boxes(const Binding& binding) const
{
  const std::string& name = settings().name;
  const FieldSpec& first = binding.inputs.front();
  for (const auto& fields : {binding.inputs, binding.outputs})
    for (const auto& spec : fields) {
      if (!spec.box)
        throw Error{fmt::format("field '{}' of surrogate '{}' has no box", spec.name, name),
                    fmt::format("[surrogate.{}] has a grid", name),
                    "Give field.in(box), or take the grid out of the run file."};
      if (*spec.box != *first.box)
        throw Error{
            fmt::format("surrogate '{}' is given '{}' with the box {} and '{}' with {}", name,
                        first.name, to_string(*first.box), spec.name, to_string(*spec.box)),
            "they must be equal"};
    }
  const Extents& global = first.box->global;
  const Config table = context().run_file.table("surrogate").table(name).table("grid");
  if (global.rank() > static_cast<int>(most_grid_dimensions))
    throw Error{fmt::format("field '{}' of surrogate '{}' is a part of {}", first.name, name,
                            to_string(global)),
                fmt::format("grids have {} dimensions at most", most_grid_dimensions),
                "Give each component as a field of its own."};
  if (global.product() == 0)
    throw Error{fmt::format("field '{}' of surrogate '{}' is a part of {}", first.name, name,
                            to_string(global)),
                "a grid needs cells"};
  const auto& tile = settings().grid->tile;
  if (tile.empty()) return;
  if (static_cast<int>(tile.size()) != global.rank())
    throw table.error(
        "tile", fmt::format("has {} dimensions, the grid is {}", tile.size(), to_string(global)),
        "Give one number of cells for each dimension of the grid.");
  Extents near{tile};
  for (int d = 0; d < global.rank(); ++d) {
    near[d] = std::min(near[d], global[d]);
    while (global[d] % near[d] != 0) --near[d];
  }
  if (near != Extents{tile})
    throw table.error(
        "tile", fmt::format("the grid {} is not a multiple of it", to_string(global)),
        fmt::format("The nearest smaller tile that divides it is {}.", to_string(near)));
}

void GridClient::check(Fields fields, const std::vector<FieldSpec>& bound) const
{
  bool same = fields.size() == bound.size();
  for (std::size_t i = 0; same && i < bound.size(); ++i) {
    const auto& [name, field] = fields[i];
    if (name == bound[i].name && field.dtype() == bound[i].dtype && field.box() == bound[i].box)
      continue;
    throw Error{
        fmt::format("surrogate '{}' was opened with field '{}': {} {}; now it is given '{}': {} {}",
                    settings().name, bound[i].name, to_string(bound[i].dtype),
                    to_string(*bound[i].box), name, to_string(field.dtype()),
                    field.box() ? to_string(*field.box()) : "without a box"),
        "name, dtype and box stay"};
  }
  if (!same)
    throw Error{fmt::format("surrogate '{}' was opened with {} fields; now it is given {}",
                            settings().name, bound.size(), fields.size())};
}

void GridClient::prepare()
{
  untrusted_.reserve(static_cast<std::size_t>(box_.count.product()));
  if (streams() == nullptr) return;
  const Grid& grid = *streams()->grid;
  cover_ = grid.tiles().cover(box_);
  const auto tiles = static_cast<std::size_t>(cover_.count.product());
  trusted_.assign(tiles, false);
  const auto& out = streams()->request->out();
  for (const auto& in : streams()->reply->in()) {
    const auto request = std::find_if(out.begin(), out.end(), [&](const channel::OutLane& lane) {
      return lane.consumer() == in.producer();
    });
    replies_.push_back({static_cast<std::size_t>(request - out.begin()),
                        spots_of(grid.answered_by(in.producer()))});
  }
  if (streams()->observation)
    for (const auto& lane : streams()->observation->out())
      taught_.push_back(
          intersection(box_, grid.tiles().cells(grid.learned_by(lane.consumer()))).count.product());
  if (settings().late != Late::last) return;
  has_last_.assign(tiles, false);
  for (const auto& spec : binding_.outputs)
    last_.emplace_back(static_cast<std::size_t>(spec.shape.product() * size_of(spec.dtype)));
}

std::vector<GridClient::Spot> GridClient::spots_of(const Box& block) const
{
  const Tiles& tiles = streams()->grid->tiles();
  const Box share = intersection(box_, tiles.cells(block));
  const Box covered = intersection(cover_, block);
  std::vector<Spot> spots;
  for_each_index(covered.count, [&](const Extents& index) {
    Spot spot{0, index, index, index, index};
    Box tile{covered.global, covered.offset, Extents::filled(index.rank(), 1)};
    for (int d = 0; d < index.rank(); ++d) {
      tile.offset[d] += index[d];
      const std::int64_t place = tile.offset[d] - cover_.offset[d];
      spot.tile =
          spot.tile * static_cast<std::size_t>(cover_.count[d]) + static_cast<std::size_t>(place);
    }
    const Box cells = intersection(box_, tiles.cells(tile));
    spot.count = cells.count;
    for (int d = 0; d < index.rank(); ++d) {
      spot.from[d] = cells.offset[d] - share.offset[d];
      spot.to[d] = cells.offset[d] - box_.offset[d];
    }
    spots.push_back(spot);
  });
  return spots;
}

bool GridClient::finite(Fields fields, const char* verb) const
{
  for (const auto& [name, field] : fields)
    for (std::int64_t row = 0; row < field.shape()[0]; ++row)
      if (!closure::finite(field, row))
        return refuse_number(name, fmt::format("row {} of the grid", box_.offset[0] + row), verb);
  return true;
}

}  // namespace cardan::closure
