/// A random channel of boxes, drawn alike by every rank.
#pragma once

#include "support/random.hpp"
#include "support/values.hpp"

#include <cardan/channel.hpp>

#include <fmt/format.h>

#include <cstdlib>

#include <string>
#include <vector>

namespace test {

/// Boxes of one field, one for each rank; those of ranks without a part are not used.
struct Boxes {
  std::vector<Box> produced;
  std::vector<Box> consumed;
};

/// What holds from one `rebox` to the next: boxes by field, and how many steps are put.
struct Phase {
  std::vector<Boxes> fields;
  std::int64_t puts = 0;
};

struct FieldCase {
  std::string name;
  Dtype dtype;
  Extents global;
};

/// How a consumer reads.
enum class Reading { peek, try_peek, take, latest };

struct BoxCase {
  std::int64_t number = 0;
  cardan::ChannelOptions options;
  std::vector<FieldCase> fields;
  std::vector<Phase> phases;
  /// By rank.
  std::vector<bool> produces;
  std::vector<bool> consumes;
  std::vector<Reading> reading;
  /// Step numbers: `first`, `first + stride` and so on.
  std::int64_t first = 0;
  std::int64_t stride = 1;
  /// Policies that drop: all put some steps, then all read, and so on. Otherwise each as it likes.
  bool bursts = false;
  bool delays = false;

  [[nodiscard]] std::int64_t step_of(std::int64_t put) const { return first + put * stride; }
  [[nodiscard]] bool sends(std::int64_t put) const { return put % options.every == 0; }
  /// Whether a step of `phase` goes from one rank to the other.
  [[nodiscard]] bool meet(const Phase& phase, std::size_t producer, std::size_t consumer) const
  {
    if (!produces[producer] || !consumes[consumer]) return false;
    for (const Boxes& field : phase.fields)
      if (!intersection(field.produced[producer], field.consumed[consumer]).empty()) return true;
    return false;
  }
};

/// Ranks of a random group: at least one, at most `most`.
inline std::vector<bool> draw_group(Random& random, int ranks, int most)
{
  std::vector<bool> group(static_cast<std::size_t>(ranks));
  const auto members = random.between(1, std::min(ranks, most));
  const auto order = random.permutation(ranks);
  for (std::int64_t i = 0; i < members; ++i)
    group[static_cast<std::size_t>(order[static_cast<std::size_t>(i)])] = true;
  return group;
}

/// A part of a box, perhaps empty.
inline Box draw_part(Random& random, const Box& box)
{
  Box part = box;
  for (int d = 0; d < box.global.rank(); ++d) {
    const auto ends = random.cuts(box.count[d], 3);
    part.offset[d] += ends[1];
    part.count[d] = ends[2] - ends[1];
  }
  return part;
}

/// A grid of `parts` cells, cut at random places.
inline std::vector<Box> draw_grid(Random& random, const Extents& global, std::int64_t parts)
{
  std::vector<Box> cells{{global, Extents::filled(global.rank(), 0), global}};
  Extents pieces = Extents::filled(global.rank(), 1);
  for (std::int64_t factor = 2; parts > 1; ++factor)
    for (; parts % factor == 0; parts /= factor)
      pieces[static_cast<int>(random.between(0, global.rank() - 1))] *= factor;
  for (int d = 0; d < global.rank(); ++d) {
    const auto places = random.cuts(global[d], pieces[d]);
    std::vector<Box> finer;
    for (const Box& cell : cells)
      for (std::size_t i = 0; i + 1 < places.size(); ++i) {
        finer.push_back(cell);
        finer.back().offset[d] = places[i];
        finer.back().count[d] = places[i + 1] - places[i];
      }
    cells = finer;
  }
  return cells;
}

inline Boxes draw_boxes(Random& random, const BoxCase& drawn, const Extents& global)
{
  const auto ranks = drawn.produces.size();
  const Box whole{global, Extents::filled(global.rank(), 0), global};
  Boxes boxes{std::vector<Box>(ranks, whole), std::vector<Box>(ranks, whole)};
  const auto spread = [&](const std::vector<bool>& group, std::vector<Box>& to) {
    const auto members = std::count(group.begin(), group.end(), true);
    const auto cells = draw_grid(random, global, members);
    const auto order = random.permutation(static_cast<int>(members));
    std::size_t next = 0;
    for (std::size_t r = 0; r < ranks; ++r)
      if (group[r]) to[r] = cells[static_cast<std::size_t>(order[next++])];
  };
  spread(drawn.produces, boxes.produced);
  for (Box& box : boxes.produced)
    if (drawn.options.partial && random.chance(60)) box = draw_part(random, box);
  // Consumers: another grid; or parts, which may overlap; or everything for everyone.
  const auto kind = random.between(0, 9);
  if (kind < 5) spread(drawn.consumes, boxes.consumed);
  for (Box& box : boxes.consumed)
    if (kind >= 5 && kind < 9 && random.chance(70)) box = draw_part(random, whole);
  return boxes;
}

inline BoxCase draw_box_case(Random& random, std::int64_t number, int ranks)
{
  using cardan::Policy;
  using cardan::TransportKind;
  BoxCase drawn;
  drawn.number = number;
  auto& options = drawn.options;
  options.name = fmt::format("case {}", number);
  options.depth = random.one_of({0, 1, 2, 3, 5});
  options.deadline = 20;
  options.transport = random.one_of({TransportKind::automatic, TransportKind::shared,
                                     TransportKind::rma, TransportKind::two_sided});
  // Where one machine stands for several nodes, shared memory alone is refused.
  if (options.transport == TransportKind::shared && std::getenv("CARDAN_RANKS_PER_NODE") != nullptr)
    options.transport = TransportKind::automatic;
  if (random.chance(20))
    options.between_nodes = random.one_of({TransportKind::rma, TransportKind::two_sided});
  options.policy =
      random.one_of({Policy::block, Policy::block, Policy::drop_oldest, Policy::drop_newest});
  options.every = random.chance(60) ? 1 : random.between(2, 3);
  options.partial = random.chance(30);
  drawn.produces = draw_group(random, ranks, 6);
  drawn.consumes = draw_group(random, ranks, 4);
  for (int r = 0; r < ranks; ++r)
    drawn.reading.push_back(
        random.one_of({Reading::peek, Reading::try_peek, Reading::take, Reading::latest}));
  drawn.first = random.between(0, 1) * random.between(0, 1000000);
  drawn.stride = random.chance(70) ? 1 : random.between(2, 1000);
  drawn.delays = random.chance(50);
  const auto fields = random.between(1, 3);
  for (std::int64_t f = 0; f < fields; ++f) {
    const auto rank = static_cast<int>(random.between(1, 4));
    Extents global = Extents::filled(rank, 1);
    const std::int64_t most = rank == 1 ? 50 : rank == 2 ? 14 : rank == 3 ? 8 : 5;
    for (int d = 0; d < rank; ++d) global[d] = random.between(1, most);
    const auto dtype = all_dtypes[static_cast<std::size_t>(random.between(0, 9))];
    drawn.fields.push_back({fmt::format("field{}", f), dtype, global});
  }
  const auto phases = random.chance(25) ? random.between(2, 3) : 1;
  for (std::int64_t p = 0; p < phases; ++p) {
    Phase phase;
    // Each plan begins with a step that `every` lets through.
    phase.puts = options.every * random.between(1, options.policy == Policy::block ? 4 : 6);
    for (const FieldCase& field : drawn.fields)
      phase.fields.push_back(draw_boxes(random, drawn, field.global));
    drawn.phases.push_back(phase);
  }
  drawn.bursts = phases > 1 || random.chance(60);
  return drawn;
}

inline std::string describe(const BoxCase& drawn)
{
  const auto& options = drawn.options;
  std::string text = options.name + ": transport " + to_string(options.transport) + ", policy " +
                     std::to_string(static_cast<int>(options.policy)) + ", depth " +
                     std::to_string(options.depth) + ", every " + std::to_string(options.every) +
                     (options.partial ? ", partial" : "") + (drawn.bursts ? ", bursts" : "") +
                     ", steps " + std::to_string(drawn.first) + " + " +
                     std::to_string(drawn.stride) + " k";
  for (std::size_t p = 0; p < drawn.phases.size(); ++p) {
    text += "\n phase " + std::to_string(p) + ": " + std::to_string(drawn.phases[p].puts) + " puts";
    for (std::size_t f = 0; f < drawn.fields.size(); ++f) {
      text += "\n  " + drawn.fields[f].name + " " + cardan::to_string(drawn.fields[f].dtype);
      const Boxes& boxes = drawn.phases[p].fields[f];
      for (std::size_t r = 0; r < drawn.produces.size(); ++r) {
        if (drawn.produces[r]) text += fmt::format("\n   {} puts ", r);
        if (drawn.produces[r]) text += cardan::to_string(boxes.produced[r]);
        if (drawn.consumes[r]) text += fmt::format("\n   {} reads (way ", r);
        if (drawn.consumes[r])
          text += std::to_string(static_cast<int>(drawn.reading[r])) + ") " +
                  cardan::to_string(boxes.consumed[r]);
      }
    }
  }
  return text;
}

}  // namespace test
