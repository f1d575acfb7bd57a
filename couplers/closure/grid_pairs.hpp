/// What a training rank learns from on a grid: its tiles, cut from the boxes of a call.
#pragma once

#include "couplers/closure/gather.hpp"
#include "couplers/closure/samples.hpp"
#include "couplers/closure/source.hpp"

namespace cardan::closure {

class GridPairs {
 public:
  explicit GridPairs(Streams& streams)
      : gather_(*streams.observation, streams.grid->tiles(), block_of(streams)),
        inputs_(streams.fields.signature().inputs),
        targets_(streams.fields.signature().outputs)
  {
    const std::int64_t tiles = block_of(streams).count.product();
    inputs_.resize(tiles);
    targets_.resize(tiles);
  }
  [[nodiscard]] Gather& gather() { return gather_; }
  /// Learns from the call that has arrived whole, and releases it.
  void give(const Source::Learn& learn)
  {
    const std::size_t inputs = inputs_.features().size();
    for (std::size_t f = 0; f < inputs; ++f) gather_.cut(f, inputs_.columns()[f]);
    for (std::size_t f = 0; f < targets_.features().size(); ++f)
      gather_.cut(inputs + f, targets_.columns()[f]);
    const std::int64_t step = gather_.header(0).step;
    gather_.release();
    learn(inputs_.batch(), targets_.batch(), step);
  }

 private:
  static Box block_of(const Streams& streams)
  {
    return streams.grid->learned_by(mpi::rank(streams.team.context.everyone.get()));
  }

  Gather gather_;
  Columns inputs_;
  Columns targets_;
};

}  // namespace cardan::closure
