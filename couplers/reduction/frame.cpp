#include "couplers/reduction/frame.hpp"

#include <algorithm>
#include <cmath>

namespace cardan::reduction {

namespace {
constexpr std::uint8_t mark = 0xCB;
constexpr std::size_t least_to_compress = 24;

bool usable(double step)
{
  return std::isnormal(step) && std::isnormal(1 / step) && step > 0;
}
}  // namespace

void Frame::write(Writer& to) const
{
  to.put(mark);
  to.put(static_cast<std::uint8_t>(static_cast<unsigned>(mode) | (transformed ? 4U : 0U) |
                                   (whole ? 8U : 0U) | (floats ? 16U : 0U) |
                                   static_cast<unsigned>(order) << 5));
  to.count(sent);
  if (mode == Mode::quantised) to.put(step);
  if (transformed) to.put(latent_step);
}

Frame Frame::read(Reader& from, const Blocking& blocking)
{
  if (from.get<std::uint8_t>() != mark) Reader::damaged("they are of no field");
  const unsigned flags = from.get<std::uint8_t>();
  Frame frame;
  if ((flags & 3U) > 2) Reader::damaged("their mode is unknown");
  frame.mode = static_cast<Mode>(flags & 3U);
  frame.transformed = (flags & 4U) != 0;
  frame.whole = (flags & 8U) != 0;
  frame.floats = (flags & 16U) != 0;
  frame.order = static_cast<int>(flags >> 5);
  frame.sent = from.count(blocking.count());
  if (frame.mode == Mode::quantised) {
    frame.step = from.get<double>();
    if (!usable(frame.step)) Reader::damaged("their step is none");
  }
  if (frame.transformed) {
    frame.latent_step = from.get<double>();
    if (!usable(frame.latent_step)) Reader::damaged("their latents' step is none");
  }
  if ((frame.transformed && (frame.mode != Mode::quantised || frame.whole)) || frame.order > 2 ||
      (frame.whole && (frame.sent != blocking.count() || frame.mode == Mode::raw)))
    Reader::damaged("what they say contradicts itself");
  return frame;
}

std::int64_t Frame::numbers(const Blocking& blocking) const
{
  return whole ? blocking.field_numbers() : sent * blocking.numbers();
}

Slabs Frame::slabs(const Blocking& blocking) const
{
  if (whole) return {blocking.components(), blocking.extents(), 0};
  return {sent * blocking.components(), blocking.edges(), blocking.components()};
}

Slabs slabs_of_blocks(const Blocking& blocking)
{
  Slabs slabs;
  for (std::size_t d = 0; d < 3; ++d)
    slabs.extents[d] = (blocking.extents()[d] + blocking.edges()[d] - 1) / blocking.edges()[d];
  return slabs;
}

std::vector<double> latent_steps(const Transform& transform, double latent_step)
{
  std::vector<double> steps = transform.weights();
  for (double& step : steps) {
    // A latent that moves nothing may be anything.
    step = step > 0 ? latent_step / step : latent_step;
    if (!usable(step)) step = latent_step;
  }
  return steps;
}

std::size_t write_piece(std::span<const std::byte> piece, Entropy& entropy, Writer& to)
{
  to.count(static_cast<std::int64_t>(piece.size()));
  if (piece.size() >= least_to_compress) {
    // Compressed straight to its place: its length is written over what stands for it.
    const std::size_t room = piece.size() - 1;
    std::byte* const front = to.room(sizeof(std::uint32_t) + room);
    const std::size_t made = entropy.compress(piece, {front + sizeof(std::uint32_t), room});
    const auto length = static_cast<std::uint32_t>(made);
    if (made > 0 && made == length) {
      std::memcpy(front, &length, sizeof(length));
      to.give_back(room - made);
      return made + sizeof(length);
    }
    to.give_back(sizeof(std::uint32_t) + room);
  }
  to.put(std::uint32_t{0});
  to.put(piece.data(), piece.size());
  return piece.size() + sizeof(std::uint32_t);
}

std::span<const std::byte> read_piece(Reader& from, Entropy& entropy, std::int64_t most,
                                      std::vector<std::byte>& memory)
{
  const auto size = static_cast<std::size_t>(from.count(most));
  const auto length = from.get<std::uint32_t>();
  if (length == 0) return from.take(size);
  memory.resize(size);
  entropy.expand(from.take(length), memory);
  return memory;
}

}  // namespace cardan::reduction
