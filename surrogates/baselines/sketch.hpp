/// A uniform sample of what several ranks see, joined exactly.
#pragma once

#include <cardan/state.hpp>

#include <cstdint>
#include <random>
#include <utility>
#include <vector>

namespace cardan::baselines {

/// Holds those `capacity` rows that drew the smallest random numbers (a bottom-k sketch, Cohen and
/// Kaplan 2007). The smallest of all ranks' are then a uniform sample, without replacement, of all
/// that any rank saw, however unevenly it came.
class Sketch {
 public:
  /// Rows of `width` numbers. Ranks with the same seed draw different numbers.
  Sketch(std::int64_t capacity, std::int64_t width, std::uint64_t seed, int rank);
  /// Takes a row made of two pieces, or drops it, or drops another for it.
  void add(const double* left_row, std::int64_t left, const double* right_row, std::int64_t right);

  /// Numbers in one rank's part of what is joined.
  [[nodiscard]] static std::int64_t part(std::int64_t capacity, std::int64_t width);
  void write(double* part) const;
  /// This rank's part and its generator.
  void put(State& state) const;
  /// Takes what one rank put, or joins what several did; nothing where there is nothing. `salt`
  /// makes numbers that are drawn on other ranks than before new ones. Throws, changing nothing,
  /// where shapes differ.
  void take(const State& state, std::uint64_t salt);
  /// Out of the parts of `ranks` ranks, one behind the other: at most `capacity` rows.
  [[nodiscard]] static std::vector<double> join(const double* parts, int ranks,
                                                std::int64_t capacity, std::int64_t width);

 private:
  std::int64_t capacity_;
  std::int64_t width_;
  std::mt19937_64 random_;
  /// Of each row held, what it drew and where it lies: a heap with the largest on top.
  std::vector<std::pair<double, std::int64_t>> drawn_;
  std::vector<double> rows_;
};

}  // namespace cardan::baselines
