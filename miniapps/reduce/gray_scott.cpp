#include "gray_scott.hpp"

#include "noise.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace reduce {

namespace {

/// Cells that a spot has along each axis.
constexpr std::int64_t spot = 12;

const GrayScottSettings& checked(const GrayScottSettings& settings)
{
  const double fastest = std::max(settings.diffusivity_u, settings.diffusivity_v);
  const double most = settings.spacing * settings.spacing / (2 * settings.dimensions * fastest);
  if (settings.dt > 0 && settings.dt <= most) return settings;
  throw std::invalid_argument("Gray-Scott steps of " + std::to_string(settings.dt) +
                              " are unstable; at most " + std::to_string(most));
}

/// What a step needs to know, in numbers that a loop keeps in registers.
struct Step {
  std::int64_t row;
  std::int64_t plane;
  /// Diffusivities times dt over the square of the spacing; the others times dt.
  double spread_u;
  double spread_v;
  double dt;
  double feed;
  double decay;
};

template <int Dimensions>
double neighbours(const double* at, std::int64_t row, std::int64_t plane)
{
  const double flat = (at[-1] + at[1]) + (at[-row] + at[row]);
  if constexpr (Dimensions == 3) return flat + (at[-plane] + at[plane]);
  static_cast<void>(plane);
  return flat;
}

/// Cells of one row.
template <int Dimensions>
void advance_row(Step by, std::int64_t cells, const double* u, const double* v,
                 double* __restrict next_u, double* __restrict next_v)
{
  constexpr double sides = 2 * Dimensions;
  for (std::int64_t x = 0; x < cells; ++x) {
    const double reacted = by.dt * (u[x] * v[x] * v[x]);
    const double around_u = neighbours<Dimensions>(u + x, by.row, by.plane);
    const double around_v = neighbours<Dimensions>(v + x, by.row, by.plane);
    next_u[x] = u[x] + (by.spread_u * (around_u - sides * u[x]) - reacted + by.feed * (1 - u[x]));
    next_v[x] = v[x] + (by.spread_v * (around_v - sides * v[x]) + reacted - by.decay * v[x]);
  }
}

template <int Dimensions>
void advance(const GrayScottSettings& settings, const Halo& halo, const double* from, double* to)
{
  const Part& part = halo.part();
  const Layout& layout = halo.layout();
  const double scale = settings.dt / (settings.spacing * settings.spacing);
  const Step by{layout.row,
                layout.plane,
                scale * settings.diffusivity_u,
                scale * settings.diffusivity_v,
                settings.dt,
                settings.dt * settings.feed,
                settings.dt * (settings.feed + settings.kill)};
  for (std::int64_t z = 0; z < part.count[0]; ++z)
    for (std::int64_t y = 0; y < part.count[1]; ++y) {
      const std::int64_t begin = layout.at(z, y, 0);
      advance_row<Dimensions>(by, part.count[2], from + begin, from + begin + layout.component,
                              to + begin, to + begin + layout.component);
    }
}

/// Whether cell `at` of `cells` is in the spot that begins at `begin`, around the edge too.
bool inside(std::int64_t at, std::int64_t begin, std::int64_t cells)
{
  return (at - begin + cells) % cells < std::min(spot, cells);
}

}  // namespace

GrayScott::GrayScott(MPI_Comm comm, const GrayScottSettings& settings)
    : settings_(checked(settings)),
      halo_(comm, settings.dimensions, settings.cells, 2),
      state_(halo_.size(), 0.0),
      next_(halo_.size(), 0.0)
{
  settings_.cells = halo_.part().global;
  fill_spots();
}

void GrayScott::fill_spots()
{
  const Part& part = halo_.part();
  const Layout& layout = halo_.layout();
  const auto volume = static_cast<double>(part.global[0] * part.global[1] * part.global[2]);
  const auto count =
      static_cast<std::int64_t>(std::ceil(volume / (20 * std::pow(spot, part.dimensions))));
  std::vector<Cells> spots(static_cast<std::size_t>(count));
  for (std::size_t s = 0; s < spots.size(); ++s)
    for (std::size_t axis = 0; axis < 3; ++axis)
      spots[s][axis] = static_cast<std::int64_t>(noise(settings_.seed, 3 * s + axis) *
                                                 static_cast<double>(part.global[axis]));
  const auto in_spot = [&](const Cells& cell) {
    return std::any_of(spots.begin(), spots.end(), [&](const Cells& begin) {
      return inside(cell[0], begin[0], part.global[0]) &&
             inside(cell[1], begin[1], part.global[1]) && inside(cell[2], begin[2], part.global[2]);
    });
  };
  for (std::int64_t z = 0; z < part.count[0]; ++z)
    for (std::int64_t y = 0; y < part.count[1]; ++y)
      for (std::int64_t x = 0; x < part.count[2]; ++x) {
        const Cells cell{part.offset[0] + z, part.offset[1] + y, part.offset[2] + x};
        const bool spotted = in_spot(cell);
        const auto place = static_cast<std::uint64_t>(
            (cell[0] * part.global[1] + cell[1]) * part.global[2] + cell[2]);
        const double shaken = 0.01 * noise(settings_.seed + 1, place);
        const auto at = static_cast<std::size_t>(layout.at(z, y, x));
        state_[at] = (spotted ? 0.5 : 1.0) - shaken;
        state_[at + static_cast<std::size_t>(layout.component)] = (spotted ? 0.25 : 0.0) + shaken;
      }
}

void GrayScott::fill(const Profile& profile)
{
  const Part& part = halo_.part();
  const Layout& layout = halo_.layout();
  const auto middle = [&](std::size_t axis, std::int64_t cell) {
    return (static_cast<double>(part.offset[axis] + cell) + 0.5) * settings_.spacing;
  };
  for (std::int64_t z = 0; z < part.count[0]; ++z)
    for (std::int64_t y = 0; y < part.count[1]; ++y)
      for (std::int64_t x = 0; x < part.count[2]; ++x) {
        const auto species = profile(middle(0, z), middle(1, y), middle(2, x));
        const auto at = static_cast<std::size_t>(layout.at(z, y, x));
        state_[at] = species[0];
        state_[at + static_cast<std::size_t>(layout.component)] = species[1];
      }
}

void GrayScott::set_rates(double feed, double kill)
{
  settings_.feed = feed;
  settings_.kill = kill;
}

void GrayScott::step()
{
  halo_.exchange(state_.data());
  if (settings_.dimensions == 2)
    advance<2>(settings_, halo_, state_.data(), next_.data());
  else
    advance<3>(settings_, halo_, state_.data(), next_.data());
  state_.swap(next_);
}

}  // namespace reduce
