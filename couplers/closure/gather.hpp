/// The consuming end of boxes that are cut into images: joins what all producers send.
#pragma once

#include "channel/lanes.hpp"
#include "couplers/closure/tiles.hpp"

#include <cstddef>
#include <functional>
#include <tuple>
#include <vector>

namespace cardan::closure {

/// Which of a simulation rank's calls a box belongs to: a loop over steps, a step, and the number
/// of the call in that step (0, 1, ...). Boxes of all ranks meet by it.
struct Call {
  std::int64_t loop = 0;
  std::int64_t step = 0;
  std::uint32_t number = 0;

  void stamp(channel::Header& header) const
  {
    header.age_step = loop;
    header.step = step;
    header.version = number;
  }
  static Call of(const channel::Header& header)
  {
    return {header.age_step, header.step, header.version};
  }
  friend bool operator<(const Call& a, const Call& b)
  {
    return std::tie(a.loop, a.step, a.number) < std::tie(b.loop, b.step, b.number);
  }
  friend bool operator==(const Call& a, const Call& b) { return !(a < b) && !(b < a); }
};

/// What a lane brings of a field, as it lies in the next slot.
struct Arrived {
  const std::byte* begin;
  channel::Patch patch;

  [[nodiscard]] const std::byte* at(const Extents& offset) const;
  [[nodiscard]] channel::Patch of(const Extents& count) const
  {
    return {patch.element, count, patch.strides};
  }
};
Arrived arrived(channel::Lanes& lanes, std::size_t lane, std::size_t field);

class Gather {
 public:
  /// The lanes' first fields are on the grid's cells, and this rank has the images of `block`.
  Gather(channel::Lanes& lanes, const Tiles& tiles, const Box& block);
  /// Called with a lane whose next call is about to be released, as it will never be whole.
  using Broken = std::function<void(std::size_t lane)>;
  /// Whether one call has arrived whole, from all producers; what never will be whole is released.
  [[nodiscard]] bool ready(const Broken& broken);
  /// Of the call that is ready: images of field `f`, one for each tile of the block, dense.
  void cut(std::size_t f, std::byte* images) const;
  [[nodiscard]] const channel::Header& header(std::size_t lane) const
  {
    return lanes_.in()[lane].header();
  }
  void release();

 private:
  channel::Lanes& lanes_;
  Extents image_;
  /// By lane.
  std::vector<std::vector<Piece>> pieces_;
};

}  // namespace cardan::closure
