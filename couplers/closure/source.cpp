#include "couplers/closure/source.hpp"

#include "couplers/closure/grid_pairs.hpp"

namespace cardan::closure {

namespace {

/// Samples are read where they lie.
class BatchSource : public Source {
 public:
  explicit BatchSource(Streams& streams)
      : streams_(streams), slot_(streams.fields.inputs.size() + streams.fields.outputs.size())
  {}

  bool take(const Learn& learn) override
  {
    bool any = false;
    for (auto& lane : streams_.observation->in()) {
      while (lane.ready()) {
        any = true;
        for (std::size_t f = 0; f < slot_.size(); ++f) slot_[f] = lane.data(f);
        const std::int64_t count = lane.header().count;
        learn({count, slot_.data()}, {count, slot_.data() + streams_.fields.inputs.size()},
              lane.header().step);
        lane.release();
      }
    }
    return any;
  }

  bool drained() override { return streams_.observation->drained(); }

 private:
  Streams& streams_;
  std::vector<const std::byte*> slot_;
};

class GridSource : public Source {
 public:
  explicit GridSource(Streams& streams) : lanes_(*streams.observation), pairs_(streams) {}

  bool take(const Learn& learn) override
  {
    bool any = false;
    for (; pairs_.gather().ready([](std::size_t) {}); any = true) pairs_.give(learn);
    return any;
  }

  bool drained() override { return lanes_.drained(); }

 private:
  channel::Lanes& lanes_;
  GridPairs pairs_;
};

}  // namespace

std::unique_ptr<Source> make_source(Streams& streams)
{
  if (streams.grid) return std::make_unique<GridSource>(streams);
  return std::make_unique<BatchSource>(streams);
}

}  // namespace cardan::closure
