/// Where a training rank's samples come from.
#pragma once

#include "couplers/closure/streams.hpp"

#include <cardan/model.hpp>

#include <cstdint>
#include <functional>
#include <memory>

namespace cardan::closure {

class Source {
 public:
  using Learn = std::function<void(const Batch& inputs, const Batch& targets, std::int64_t step)>;
  virtual ~Source() = default;
  /// Gives all that has arrived to `learn`; says whether there was anything. Does not wait.
  virtual bool take(const Learn& learn) = 0;
  /// Whether nothing more comes.
  [[nodiscard]] virtual bool drained() = 0;
};

/// Of batches, sample by sample; on a grid, of whole boxes, tile by tile.
std::unique_ptr<Source> make_source(Streams& streams);

}  // namespace cardan::closure
