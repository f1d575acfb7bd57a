/// A buffer that holds a uniform sample of everything that went by (Vitter 1985, algorithm R).
#pragma once

#include <cardan/model.hpp>

#include <cstdint>
#include <random>
#include <vector>

namespace cardan::closure {

class Reservoir {
 public:
  Reservoir(std::int64_t capacity, Signature signature, std::uint64_t seed);
  /// Takes one sample, or drops it, or drops an older one for it.
  void add(const double* input, const double* target);
  /// Draws `count` samples with replacement.
  void draw(std::int64_t count, std::vector<double>& inputs, std::vector<double>& targets);
  [[nodiscard]] std::int64_t size() const { return size_; }
  [[nodiscard]] std::int64_t seen() const { return seen_; }
  /// All that is held.
  [[nodiscard]] Rows inputs() const { return {inputs_.data(), size_, signature_.inputs}; }
  [[nodiscard]] Rows targets() const { return {targets_.data(), size_, signature_.outputs}; }

 private:
  Signature signature_;
  std::int64_t capacity_;
  std::int64_t size_ = 0;
  std::int64_t seen_ = 0;
  std::vector<double> inputs_;
  std::vector<double> targets_;
  std::mt19937_64 random_;
};

}  // namespace cardan::closure
