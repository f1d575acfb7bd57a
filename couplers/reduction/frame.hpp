/// How a packed field begins, and the pieces that it has.
#pragma once

#include "couplers/reduction/bytes.hpp"
#include "couplers/reduction/codec.hpp"
#include "couplers/reduction/entropy.hpp"
#include "couplers/reduction/predict.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace cardan::reduction {

/// `quantised` keeps a bound, the others every bit: as differences of whole numbers, or as it is.
enum class Mode : std::uint8_t { quantised, lossless, raw };

struct Frame {
  Mode mode = Mode::quantised;
  /// There are latents, and the numbers are what they leave.
  bool transformed = false;
  /// The numbers are in the field's order and not in the blocks'. All blocks are there.
  bool whole = false;
  /// Lossless and raw: they are floats.
  bool floats = false;
  /// Of the differences.
  int order = 0;
  std::int64_t sent = 0;
  double step = 0;
  /// A latent number's step times its weight.
  double latent_step = 0;

  void write(Writer& to) const;
  /// Throws where it cannot be of such a field.
  static Frame read(Reader& from, const Blocking& blocking);
  /// How many numbers follow, and how they lie.
  [[nodiscard]] std::int64_t numbers(const Blocking& blocking) const;
  [[nodiscard]] Slabs slabs(const Blocking& blocking) const;
};

/// The blocks' places in space: one slab of all of them, whose latents have neighbours.
Slabs slabs_of_blocks(const Blocking& blocking);
/// Of each latent number. Both ends compute it from the same weights.
std::vector<double> latent_steps(const Transform& transform, double latent_step);

/// Compresses a piece where that makes it smaller; says how many bytes were written.
std::size_t write_piece(std::span<const std::byte> piece, Entropy& entropy, Writer& to);
/// The piece again, in `memory`; throws where it says that it has more than `most` bytes.
std::span<const std::byte> read_piece(Reader& from, Entropy& entropy, std::int64_t most,
                                      std::vector<std::byte>& memory);

}  // namespace cardan::reduction
