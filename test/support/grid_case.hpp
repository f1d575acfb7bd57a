/// A known function on a global array, cut in several ways: what a surrogate on a grid is held
/// against.
#pragma once

#include <cardan/box.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace test {

using cardan::Box;
using cardan::Extents;

/// How the simulation's ranks cut the global array; blocks leave ranks over that have nothing.
enum class Cut { rows, columns, blocks };

struct GridCase {
  Extents global;
  std::vector<std::int64_t> tile;
  std::int64_t halo = 1;
  bool periodic = true;
  Cut cut = Cut::rows;
  int ml = 1;
  int training = 1;
  std::string transport = "shared";
};

/// Rank `rank` of `ranks` has this part of the global array; cuts do not keep to tiles.
inline Box part_of(const GridCase& grid, int rank, int ranks)
{
  const int dimensions = grid.global.rank();
  Extents parts = Extents::filled(dimensions, 1);
  if (grid.cut == Cut::rows || dimensions == 1) {
    parts[0] = ranks;
  } else if (grid.cut == Cut::columns) {
    parts[1] = ranks;
  } else {
    while ((parts[0] + 1) * (parts[0] + 1) <= ranks) ++parts[0];
    parts[1] = ranks / parts[0];
  }
  Box box{grid.global, Extents::filled(dimensions, 0), Extents::filled(dimensions, 0)};
  if (rank >= parts.product()) return box;
  std::int64_t index = rank;
  for (int d = dimensions - 1; d >= 0; --d) {
    const std::int64_t part = index % parts[d];
    index /= parts[d];
    box.offset[d] = grid.global[d] * part / parts[d];
    box.count[d] = grid.global[d] * (part + 1) / parts[d] - box.offset[d];
  }
  return box;
}

/// A number in [-1, 1] for each cell and step.
inline double noise(std::int64_t step, std::int64_t cell, std::uint64_t salt)
{
  std::uint64_t x = static_cast<std::uint64_t>(step) * 0x9E3779B97F4A7C15U +
                    static_cast<std::uint64_t>(cell) * 0xD1B54A32D192ED03U + salt;
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
  x ^= x >> 31U;
  return static_cast<double>(x >> 11U) * 0x1p-52 - 1;
}

/// The global fields of a step: u, and what is learned, a stencil that leans to no side alike.
class World {
 public:
  World(const GridCase& grid, std::int64_t step) : grid_(grid), step_(step) {}
  /// A cell with another value.
  void spike(const Extents& at, double value)
  {
    spiked_ = number(at);
    value_ = value;
  }
  [[nodiscard]] double u(Extents at) const
  {
    for (int d = 0; d < at.rank(); ++d) {
      const std::int64_t extent = grid_.global[d];
      at[d] = grid_.periodic ? (at[d] + extent) % extent
                             : std::clamp<std::int64_t>(at[d], 0, extent - 1);
    }
    return number(at) == spiked_ ? value_ : noise(step_, number(at), 1);
  }
  [[nodiscard]] float v(const Extents& at) const
  {
    return static_cast<float>(noise(step_, number(at), 2));
  }
  [[nodiscard]] double s(const Extents& at) const
  {
    double sum = 0.7 * u(at) + 0.25 * static_cast<double>(v(at)) + 0.1;
    if (grid_.halo == 0) return sum;
    constexpr double weights[2][2] = {{0.3, -0.2}, {0.15, -0.4}};
    for (int d = 0; d < at.rank(); ++d)
      for (int side = 0; side < 2; ++side) {
        Extents next = at;
        next[d] += side == 0 ? -1 : 1;
        sum += weights[d][side] * u(next);
      }
    return sum;
  }
  [[nodiscard]] float t(const Extents& at) const
  {
    return static_cast<float>(u(at) - 0.5 * static_cast<double>(v(at)));
  }

 private:
  [[nodiscard]] std::int64_t number(const Extents& at) const
  {
    std::int64_t number = 0;
    for (int d = 0; d < at.rank(); ++d) number = number * grid_.global[d] + at[d];
    return number;
  }

  GridCase grid_;
  std::int64_t step_;
  std::int64_t spiked_ = -1;
  double value_ = 0;
};

inline std::string run_file(const GridCase& grid, const std::string& trust,
                            const std::string& more = "")
{
  std::string tile;
  for (const auto cells : grid.tile) tile += (tile.empty() ? "" : ", ") + std::to_string(cells);
  if (!tile.empty()) tile = "tile = [" + tile + "], ";
  std::int64_t pixels = 2;
  for (int d = 0; d < grid.global.rank(); ++d)
    pixels *= (grid.tile.empty() ? grid.global[d] : grid.tile[static_cast<std::size_t>(d)]) +
              2 * grid.halo;
  const std::string ranks =
      grid.ml > 0 ? "[ranks]\nml = { count = " + std::to_string(grid.ml) + " }\n" : "";
  return "[run]\nquiet = true\ndeadline = \"30 s\"\n" + ranks + "[transport]\nkind = \"" +
         grid.transport +
         "\"\n[surrogate.stencil]\ninputs = [\"u\", \"v\"]\noutputs = [\"s\", \"t\"]\n" +
         "model = { kind = \"linear\" }\n" + "trust = " + trust + "\ngrid = { " + tile +
         "halo = " + std::to_string(grid.halo) +
         ", periodic = " + (grid.periodic ? "true" : "false") + " }\n" +
         (more.find("late") == std::string::npos ? "late = \"wait\"\n" : "") + more +
         "[training.stencil]\nranks = " + std::to_string(grid.training) +
         "\nwarmup = " + std::to_string(3 * pixels) +
         "\npublish = { samples = " + std::to_string(pixels) + " }\n";
}

}  // namespace test
