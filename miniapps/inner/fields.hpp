// The reactor's arrays as Cardan's fields.
#pragma once

#include "reactor.hpp"

#include <cardan/field.hpp>

namespace inner {

// This rank's block of the global (ny, nx, 3) array.
inline cardan::Box state_box(const Reactor& reactor)
{
  const Block& block = reactor.block();
  const auto extents = [](const std::array<std::size_t, 2>& yx, std::size_t last) {
    return cardan::Extents{static_cast<std::int64_t>(yx[0]), static_cast<std::int64_t>(yx[1]),
                           static_cast<std::int64_t>(last)};
  };
  return {extents(block.global, species), extents(block.offset, 0), extents(block.count, species)};
}

// The state as a box of that array.
inline cardan::Field state_field(Reactor& reactor)
{
  const cardan::Box box = state_box(reactor);
  return cardan::Field{reactor.state(), box.count}.in(box);
}

}  // namespace inner
