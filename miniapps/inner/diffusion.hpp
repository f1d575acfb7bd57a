#pragma once

#include "robertson.hpp"

#include <array>
#include <cstddef>
#include <span>

namespace inner {

// How a time is cut into explicit steps: `parts` equal ones (none when nothing diffuses), each with
// the number D dt / edge^2 of each species.
struct DiffusionPlan {
  std::size_t parts;
  std::array<double, species> number;
};
DiffusionPlan plan_diffusion(const std::array<double, species>& diffusivity, double edge,
                             double dt);

// Copies a block, count[0] x count[1] x species, into the middle of one with a layer of ghosts.
void pad(std::span<const double> block, std::array<std::size_t, 2> count, std::span<double> padded);

// One explicit step, five points: from a block with ghosts to one without.
void spread(std::span<const double> padded, std::array<std::size_t, 2> count,
            const std::array<double, species>& number, std::span<double> block);

}  // namespace inner
