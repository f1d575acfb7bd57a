/// A buffer that holds a uniform sample of everything that went by (Vitter 1985, algorithm R).
#pragma once

#include "couplers/closure/samples.hpp"

#include <cstdint>
#include <random>

namespace cardan::closure {

class Reservoir {
 public:
  Reservoir(std::int64_t capacity, const Signature& signature, std::uint64_t seed);
  /// Takes one sample, or drops it, or drops an older one for it.
  void add(const Batch& inputs, const Batch& targets, std::int64_t row);
  /// Draws `count` samples with replacement.
  void draw(std::int64_t count, Columns& inputs, Columns& targets);
  [[nodiscard]] std::int64_t size() const { return inputs_.count(); }
  [[nodiscard]] std::int64_t seen() const { return seen_; }
  /// All that is held.
  [[nodiscard]] Batch inputs() const { return inputs_.batch(); }
  [[nodiscard]] Batch targets() const { return targets_.batch(); }

 private:
  std::int64_t capacity_;
  std::int64_t seen_ = 0;
  Columns inputs_;
  Columns targets_;
  std::mt19937_64 random_;
};

}  // namespace cardan::closure
