#include "channel/plan.hpp"

#include <algorithm>

namespace cardan::channel {

namespace {

std::size_t aligned(std::size_t bytes)
{
  return (bytes + line - 1) / line * line;
}

/// Everything that places the ranks' lanes in their memory; a pure function of what all ranks
/// declare, so that a producer knows its consumer's layout without asking.
class Layout {
 public:
  Layout(const std::vector<End>& ends, int depth) : ends_(ends), boxes_(has_boxes(ends))
  {
    for (std::size_t r = 0; r < ends.size(); ++r) {
      if (!ends[r].produced.empty()) producers_.push_back(static_cast<int>(r));
      if (!ends[r].consumed.empty()) consumers_.push_back(static_cast<int>(r));
    }
    depth_ = depth > 0 ? depth : chosen_depth();
  }

  [[nodiscard]] Plan plan(int rank) const
  {
    Plan plan;
    plan.depth = depth_;
    plan.boxes = boxes_;
    if (!end(rank).consumed.empty()) plan.in = lanes_into(rank);
    if (!end(rank).produced.empty())
      for (const int consumer : consumers_)
        if (touch(rank, consumer))
          for (const auto& lane : lanes_into(consumer))
            if (lane.producer == rank) plan.out.push_back(lane);
    std::size_t bytes = consumer_bytes(rank);
    for (auto& lane : plan.out) {
      lane.credit = bytes;
      bytes += line;
    }
    for (auto& lane : plan.in) lane.credit = credit_of(lane.producer, rank);
    plan.bytes = bytes;
    return plan;
  }

 private:
  [[nodiscard]] const End& end(int rank) const { return ends_[static_cast<std::size_t>(rank)]; }

  [[nodiscard]] bool touch(int producer, int consumer) const
  {
    if (!boxes_) return true;
    const auto& produced = end(producer).produced;
    const auto& consumed = end(consumer).consumed;
    for (std::size_t f = 0; f < produced.size(); ++f)
      if (!intersection(*produced[f].box, *consumed[f].box).empty()) return true;
    return false;
  }

  [[nodiscard]] std::int64_t capacity(int producer) const
  {
    const auto consumers = static_cast<std::int64_t>(consumers_.size());
    const Extents& shape = end(producer).produced.front().shape;
    return ((shape.rank() > 0 ? shape[0] : 1) + consumers - 1) / consumers;
  }

  /// A slot's bytes, and where each field begins in it.
  [[nodiscard]] std::size_t slot(int producer, int consumer, std::vector<std::size_t>* begins) const
  {
    std::size_t bytes = 0;
    for (const auto& spec : boxes_ ? end(consumer).consumed : end(producer).produced) {
      if (begins) begins->push_back(bytes);
      const std::int64_t elements =
          boxes_ ? spec.shape.product() : capacity(producer) * spec.shape.tail().product();
      bytes += aligned(static_cast<std::size_t>(elements * size_of(spec.dtype)));
    }
    return bytes;
  }

  /// Small slots want many (latency hides behind them), large ones few (they cost memory and no
  /// time).
  [[nodiscard]] int chosen_depth() const
  {
    std::size_t largest = 0;
    for (const int consumer : consumers_)
      for (const int producer : producers_)
        if (touch(producer, consumer))
          largest = std::max(largest, slot(producer, consumer, nullptr));
    if (largest >= (std::size_t{1} << 20)) return 2;
    return largest >= (std::size_t{64} << 10) ? 4 : 16;
  }

  [[nodiscard]] std::vector<Part> parts(int producer, int consumer) const
  {
    std::vector<std::size_t> begins;
    static_cast<void>(slot(producer, consumer, &begins));
    std::vector<Part> parts;
    const auto& produced = end(producer).produced;
    for (std::size_t f = 0; f < produced.size(); ++f) {
      Part part{produced[f], begins[f], {}, {}};
      const std::int64_t element = size_of(part.spec.dtype);
      if (boxes_) {
        const Box& from = *produced[f].box;
        const Box& to = *end(consumer).consumed[f].box;
        const Box overlap = intersection(from, to);
        part.patch = patch_in(to.count, overlap.count, element);
        part.origin = overlap.offset;
        for (int i = 0; i < overlap.offset.rank(); ++i) {
          part.origin[i] -= from.offset[i];
          if (!overlap.empty())
            part.offset += static_cast<std::size_t>((overlap.offset[i] - to.offset[i]) *
                                                    part.patch.strides[i]);
        }
      } else {
        part.patch = patch_in(part.spec.shape.tail(), part.spec.shape.tail(), element);
      }
      parts.push_back(std::move(part));
    }
    return parts;
  }

  /// A consumer's memory: a cell and headers for each producer, then the slots: its own box once
  /// for all producers, or a ring for each producer's batches.
  [[nodiscard]] std::vector<LanePlan> lanes_into(int consumer) const
  {
    std::vector<LanePlan> lanes;
    const auto depth = static_cast<std::size_t>(depth_);
    std::size_t at = 0;
    for (const int producer : producers_) {
      if (!touch(producer, consumer)) continue;
      LanePlan lane;
      lane.producer = producer;
      lane.consumer = consumer;
      lane.cell = at;
      lane.headers = at + line;
      at += line + depth * line;
      lane.stride = slot(producer, consumer, nullptr);
      lane.capacity = boxes_ ? 1 : capacity(producer);
      lane.parts = parts(producer, consumer);
      lanes.push_back(std::move(lane));
    }
    for (auto& lane : lanes) {
      lane.slots = at;
      if (!boxes_) at += depth * lane.stride;
    }
    return lanes;
  }

  [[nodiscard]] std::size_t consumer_bytes(int rank) const
  {
    if (end(rank).consumed.empty()) return 0;
    const auto lanes = lanes_into(rank);
    if (lanes.empty()) return 0;
    return lanes.back().slots + static_cast<std::size_t>(depth_) * lanes.back().stride;
  }

  /// Credit cells stand behind what a producer has as a consumer, in the order of its consumers.
  [[nodiscard]] std::size_t credit_of(int producer, int consumer) const
  {
    std::size_t at = consumer_bytes(producer);
    for (const int other : consumers_) {
      if (other == consumer) break;
      if (touch(producer, other)) at += line;
    }
    return at;
  }

  const std::vector<End>& ends_;
  std::vector<int> producers_;
  std::vector<int> consumers_;
  bool boxes_;
  int depth_ = 0;
};

}  // namespace

Plan make_plan(const std::vector<End>& ends, int rank, int depth)
{
  return Layout{ends, depth}.plan(rank);
}

Cut cut_evenly(std::int64_t total, int parts, int i)
{
  const std::int64_t first = total * i / parts;
  return {first, total * (i + 1) / parts - first};
}

}  // namespace cardan::channel
