/// A state as one block of bytes.
#pragma once

#include <cardan/state.hpp>

#include <cstddef>
#include <span>

namespace cardan::tuning {

std::size_t bytes_of(const State& state);
/// Returns the bytes that it needs; writes nothing where there is less room.
std::size_t write(const State& state, std::span<std::byte> to);
/// Throws where it is none.
State read_state(std::span<const std::byte> from);

}  // namespace cardan::tuning
