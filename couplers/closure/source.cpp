#include "couplers/closure/source.hpp"

#include "couplers/closure/gather.hpp"
#include "couplers/closure/samples.hpp"

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
  explicit GridSource(Streams& streams)
      : lanes_(*streams.observation),
        gather_(lanes_, streams.grid->tiles(), block_of(streams)),
        inputs_(streams.fields.signature().inputs),
        targets_(streams.fields.signature().outputs)
  {
    const std::int64_t tiles = block_of(streams).count.product();
    inputs_.resize(tiles);
    targets_.resize(tiles);
  }

  bool take(const Learn& learn) override
  {
    bool any = false;
    while (gather_.ready([](std::size_t) {})) {
      any = true;
      const std::size_t inputs = inputs_.features().size();
      for (std::size_t f = 0; f < inputs; ++f) gather_.cut(f, inputs_.columns()[f]);
      for (std::size_t f = 0; f < targets_.features().size(); ++f)
        gather_.cut(inputs + f, targets_.columns()[f]);
      const std::int64_t step = gather_.header(0).step;
      gather_.release();
      learn(inputs_.batch(), targets_.batch(), step);
    }
    return any;
  }

  bool drained() override { return lanes_.drained(); }

 private:
  static Box block_of(const Streams& streams)
  {
    return streams.grid->learned_by(mpi::rank(streams.team.context.everyone.get()));
  }

  channel::Lanes& lanes_;
  Gather gather_;
  Columns inputs_;
  Columns targets_;
};

}  // namespace

std::unique_ptr<Source> make_source(Streams& streams)
{
  if (streams.grid) return std::make_unique<GridSource>(streams);
  return std::make_unique<BatchSource>(streams);
}

}  // namespace cardan::closure
