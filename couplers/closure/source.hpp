/// Where a training rank's samples come from.
#pragma once

#include "couplers/closure/mark.hpp"
#include "couplers/closure/streams.hpp"

#include <cardan/model.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

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

/// Of a deterministic run: what it gives, and in which order, depends on nothing but what
/// simulation ranks sent. `take` gives all up to the next mark of every lane, and then nothing
/// until `pass`.
class MarkedSource : public Source {
 public:
  /// Whether all up to the mark was given; lanes that have ended are at every mark.
  [[nodiscard]] virtual bool at_mark() const = 0;
  /// At a mark: which one; none where all lanes have ended.
  [[nodiscard]] virtual std::optional<Mark> mark() = 0;
  virtual void pass() = 0;
};
std::unique_ptr<MarkedSource> make_marked_source(Streams& streams);

}  // namespace cardan::closure
