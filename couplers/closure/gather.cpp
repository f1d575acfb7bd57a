#include "couplers/closure/gather.hpp"

#include <algorithm>

namespace cardan::closure {

namespace {

/// The part of this rank's box that a lane brings.
Box brought(const channel::Plan& plan, std::size_t lane, const Box& needed)
{
  const channel::LanePlan& in = plan.in[lane];
  const channel::Part& part = in.lands ? in.places.front() : in.parts.front();
  Box box{needed.global, needed.offset, part.patch.count};
  auto offset = static_cast<std::int64_t>(part.offset - plan.begins.front());
  for (int d = 0; d < box.offset.rank(); ++d) {
    const std::int64_t stride = plan.strides.front()[d] * part.element;
    box.offset[d] += offset / stride;
    offset %= stride;
  }
  return box;
}

}  // namespace

const std::byte* Arrived::at(const Extents& offset) const
{
  const std::byte* address = begin;
  for (int d = 0; d < offset.rank(); ++d) address += offset[d] * patch.strides[d];
  return address;
}

Arrived arrived(channel::Lanes& lanes, std::size_t lane, std::size_t field)
{
  return {lanes.in()[lane].data(field), lanes.plan().in[lane].parts[field].patch};
}

Gather::Gather(channel::Lanes& lanes, const Tiles& tiles, const Box& block)
    : lanes_(lanes), image_(tiles.image())
{
  const Box needed = tiles.needed(block);
  for (std::size_t i = 0; i < lanes.in().size(); ++i)
    pieces_.push_back(pieces(tiles, block, brought(lanes.plan(), i, needed)));
}

// Calls come in order on every lane: what is older than any lane's next call will not be whole, and
// neither will anything once a producer has left.
bool Gather::ready(const Broken& broken)
{
  auto& in = lanes_.in();
  if (in.empty()) return false;
  const bool over = std::any_of(in.begin(), in.end(), [](auto& lane) { return lane.drained(); });
  Call newest{-1, 0, 0};
  for (auto& lane : in)
    if (lane.ready()) newest = std::max(newest, Call::of(lane.header()));
  bool whole = !over;
  for (std::size_t i = 0; i < in.size(); ++i) {
    for (; in[i].ready() && (over || Call::of(in[i].header()) < newest); in[i].release()) broken(i);
    whole = whole && in[i].ready() && Call::of(in[i].header()) == newest;
  }
  return whole;
}

void Gather::cut(std::size_t f, std::byte* images) const
{
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    const Arrived part = arrived(lanes_, i, f);
    const std::int64_t bytes = part.patch.element * image_.product();
    const Extents strides = channel::patch_in(image_, image_, part.patch.element).strides;
    for (const Piece& piece : pieces_[i]) {
      std::byte* to = images + piece.tile * bytes;
      for (int d = 0; d < piece.to.rank(); ++d) to += piece.to[d] * strides[d];
      channel::copy(part.of(piece.count), part.at(piece.from),
                    {part.patch.element, piece.count, strides}, to);
    }
  }
}

void Gather::release()
{
  for (auto& lane : lanes_.in()) lane.release();
}

}  // namespace cardan::closure
