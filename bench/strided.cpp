// Fields with gaps: the interior of a ghosted 3-D array in column-major order, as a Fortran solver
// holds it, read by consumers in the same order or transposed.

#include "limit.hpp"
#include "reports.hpp"
#include "statistics.hpp"
#include "table.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <memory>
#include <utility>

namespace bench {

namespace {

/// Interior cells [0, edge) in x and y, and z of this producer's part; one ghost cell on every
/// side.
struct Ghosted {
  std::int64_t edge;
  std::int64_t depth;

  [[nodiscard]] std::int64_t stride_y() const { return edge + 2; }
  [[nodiscard]] std::int64_t stride_z() const { return (edge + 2) * (edge + 2); }
  [[nodiscard]] std::int64_t first() const { return 1 + stride_y() + stride_z(); }
  [[nodiscard]] std::int64_t elements() const { return stride_z() * (depth + 2); }
};

/// Three ready arrays; ghost cells hold what no field does.
class GhostedSources {
 public:
  GhostedSources(const Team& team, const Layout& layout, std::int64_t edge)
      : shape_{edge, layout.mine.count / (edge * edge)}
  {
    if (!team.produces()) return;
    for (std::int64_t i = 0; i < Values::arrays; ++i) {
      arrays_[static_cast<std::size_t>(i)] = Buffer(shape_.elements());
      std::int64_t index = layout.mine.first;
      for (std::int64_t z = 0; z < shape_.depth; ++z)
        for (std::int64_t y = 0; y < edge; ++y)
          for (std::int64_t x = 0; x < edge; ++x)
            interior(i)[x + shape_.stride_y() * y + shape_.stride_z() * z] =
                Values::ready(i).at(index++);
    }
  }

  [[nodiscard]] const Ghosted& shape() const { return shape_; }
  [[nodiscard]] std::int64_t* interior(std::int64_t step) const
  {
    return arrays_[static_cast<std::size_t>(step % Values::arrays)].span().data() + shape_.first();
  }

 private:
  Ghosted shape_;
  std::array<Buffer, Values::arrays> arrays_;
};

/// Loops as they are written by hand, in the order of the slot's memory.
void copy_as_it_lies(const Ghosted& from, const std::int64_t* source, const Lane& lane,
                     std::int64_t offset, std::int64_t* slot)
{
  const std::int64_t plane = from.edge * from.edge;
  const std::int64_t planes = lane.overlap.count / plane;
  slot += lane.overlap.first - lane.part.first;
  for (std::int64_t z = 0; z < planes; ++z)
    for (std::int64_t y = 0; y < from.edge; ++y) {
      const std::int64_t* in = source + from.stride_y() * y + from.stride_z() * (z + offset);
      std::int64_t* out = slot + from.edge * y + plane * z;
      for (std::int64_t x = 0; x < from.edge; ++x) out[x] = in[x];
    }
}

void copy_transposed(const Ghosted& from, const std::int64_t* source, const Lane& lane,
                     std::int64_t offset, std::int64_t* slot)
{
  const std::int64_t plane = from.edge * from.edge;
  const std::int64_t planes = lane.overlap.count / plane;
  const std::int64_t all_planes = lane.part.count / plane;
  slot += (lane.overlap.first - lane.part.first) / plane;
  for (std::int64_t x = 0; x < from.edge; ++x)
    for (std::int64_t y = 0; y < from.edge; ++y) {
      const std::int64_t* in = source + x + from.stride_y() * y + from.stride_z() * offset;
      std::int64_t* out = slot + all_planes * (from.edge * x + y);
      for (std::int64_t z = 0; z < planes; ++z) out[z] = in[from.stride_z() * z];
    }
}

/// Whether a transposed slot holds what it should.
std::uint64_t compare_transposed(std::span<const std::int64_t> data, const Values& values,
                                 const Part& part, std::int64_t edge)
{
  const std::int64_t planes = part.count / (edge * edge);
  const std::uint64_t expected = values.sum(part);
  std::size_t i = 0;
  for (std::int64_t x = 0; x < edge; ++x)
    for (std::int64_t y = 0; y < edge; ++y)
      for (std::int64_t z = 0; z < planes; ++z)
        if (data[i++] != values.at(part.first + x + edge * (y + edge * z))) return ~expected;
  return expected;
}

Ends make_ghosted_ends(const Team& team, const Layout& layout, const GhostedSources& sources,
                       cardan::Order order)
{
  const Ghosted& shape = sources.shape();
  const std::int64_t edge = shape.edge;
  const std::int64_t plane = edge * edge;
  const cardan::Box box{{edge, edge, layout.global / plane},
                        {0, 0, layout.mine.first / plane},
                        {edge, edge, layout.mine.count / plane}};
  Ends ends;
  const cardan::FieldSpec spec{"u", cardan::Dtype::int64, box.count, box, order};
  if (!team.produces()) {
    ends.consumed = {spec};
    return ends;
  }
  const cardan::Extents strides{1, shape.stride_y(), shape.stride_z()};
  ends.produced = {spec};
  for (std::int64_t i = 0; i < Values::arrays; ++i)
    ends.fields.push_back({"u", cardan::Field(sources.interior(i), box.count, strides).in(box)});
  return ends;
}

std::unique_ptr<Way> make_loops(const Team& team, const Layout& layout,
                                const GhostedSources& sources, bool transposes)
{
  const std::int64_t first = layout.mine.first;
  const auto loops = [&sources, first, transposes](const Lane& lane, std::int64_t step,
                                                   std::int64_t* slot) {
    const Ghosted& from = sources.shape();
    const std::int64_t offset = (lane.overlap.first - first) / (from.edge * from.edge);
    const auto copy = transposes ? copy_transposed : copy_as_it_lies;
    copy(from, sources.interior(step), lane, offset, slot);
  };
  return std::make_unique<SharedWay<decltype(loops)>>(team, layout, loops);
}

void compare_order(const Team& team, const Options& options, JsonLines& json, std::int64_t edge,
                   cardan::Order order)
{
  const bool transposes = order == cardan::Order::row_major;
  const Layout layout{team, edge * edge * edge, edge * edge};
  const GhostedSources sources{team, layout, edge};
  const Ends ends = make_ghosted_ends(team, layout, sources, order);
  std::vector<Contestant> contestants;
  contestants.push_back({"loops", "", make_loops(team, layout, sources, transposes)});
  for (const auto transport : options.transports)
    contestants.push_back(
        {cardan::to_string(transport), to_string(Mode::put),
         make_coupled(layout, ends, make_link(team, layout, ends, transport), Mode::put)});
  Race race{team, layout, std::move(contestants)};
  Read compare;
  if (transposes)
    compare = [part = layout.mine, edge](std::span<const std::int64_t> data, const Values& values) {
      return compare_transposed(data, values, part, edge);
    };
  race.verify(Pattern::stream, compare);
  const Plan plan = race.warm_up(Pattern::stream, options.effort);
  const auto times = race.run(Pattern::stream, options.effort, plan);
  if (!team.speaks()) return;
  const std::int64_t bytes = layout.per_producer * 8;
  for (std::size_t i = 0; i < times.size(); ++i) {
    const Contestant& contestant = race.contestants()[i];
    Row row;
    row.pattern = transposes ? "transposed" : "strided";
    row.transport = contestant.transport;
    row.mode = contestant.mode;
    row.ranks = fmt::format("{}+{}", team.producers, team.consumers);
    row.bytes = print_bytes(bytes);
    row.seconds = summarise(times[i]).median;
    row.gigabytes = static_cast<double>(bytes) * team.producers / row.seconds * 1e-9;
    if (i > 0) row.to_limit = summarise(ratios(times[0], times[i]));
    print_row(row);
    if (i == 0) continue;
    json.add({{"pattern", "strided"},
              {"order", transposes ? "row_major" : "column_major"},
              {"transport", row.transport},
              {"mode", row.mode},
              {"producers", team.producers},
              {"consumers", team.consumers},
              {"bytes", bytes},
              {"ratio_to_limit", row.to_limit->median},
              {"spread", row.to_limit->spread},
              {"ratio_to_raw", nullptr},
              {"median", row.seconds},
              {"limit_median", summarise(times[0]).median},
              {"rounds", options.effort.rounds},
              {"steps", plan.steps}});
  }
}

}  // namespace

void compare_strided(const Team& team, const Options& options, JsonLines& json)
{
  if (team.speaks()) {
    fmt::print(
        "The interior of a ghosted column-major array, a cube for each producer, in a stream. The "
        "limit is nested loops into\nshared memory; ratios are rates over the limit's, medians "
        "over {} rounds with their interquartile ranges. transposed: the\nconsumer reads "
        "row-major.\n\n",
        options.effort.rounds);
    print_head();
  }
  for (const std::int64_t bytes :
       options.bytes_or({4 << 10, 32 << 10, 256 << 10, 2 << 20, 16 << 20})) {
    const auto edge = static_cast<std::int64_t>(std::cbrt(static_cast<double>(bytes) / 8) + 1e-6);
    if (!Layout::fits(team, edge * edge * edge, edge * edge)) {
      if (team.speaks())
        fmt::print(stderr, "{} is left out (fewer planes than consumers)\n", print_bytes(bytes));
      continue;
    }
    if (team.speaks())
      show_progress(fmt::format("strided {}", print_bytes(edge * edge * edge * 8)));
    compare_order(team, options, json, edge, cardan::Order::column_major);
    compare_order(team, options, json, edge, cardan::Order::row_major);
  }
  if (team.speaks()) clear_progress();
}

}  // namespace bench
