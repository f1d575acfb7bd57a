/// Updates in fewer bytes: the largest numbers only, or few bits for each. Every update of a model
/// has the same size, so that its length says nothing of the data.
#pragma once

#include "couplers/federation/settings.hpp"

#include <cardan/dtype.hpp>

#include <cstddef>
#include <span>
#include <vector>

namespace cardan::federation {

/// `none`: `count` numbers of `dtype` (float32 or float64). `top_k`: the ceil(share * count)
/// numbers that are largest in size, each with its 32-bit place; of equal ones the first.
/// `quantise`: the largest size, and of each number `bits` bits: the nearest of 2^bits - 1 levels
/// between plus and minus that.
class Codec {
 public:
  Codec(const CompressSettings& settings, std::size_t count, Dtype dtype);
  /// Of every update.
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  [[nodiscard]] std::size_t count() const { return count_; }
  /// `to` has `bytes()` bytes, `update` `count()` finite numbers (`none`: any).
  void encode(std::span<const double> update, std::span<std::byte> to) const;
  /// Throws where the bytes are no update.
  void decode(std::span<const std::byte> from, std::span<double> update) const;

 private:
  void encode_largest(std::span<const double> update, std::byte* to) const;
  void encode_levels(std::span<const double> update, std::byte* to) const;
  void put(std::byte* to, double number) const;
  [[nodiscard]] double get(const std::byte* from) const;

  CompressSettings settings_;
  std::size_t count_;
  Dtype dtype_;
  std::size_t element_;
  std::size_t largest_ = 0;
  std::size_t bytes_ = 0;
};

/// What compression left out of a silo's updates is added to its next one (Seide, Fu, Droppo, Li
/// and Yu 2014; Karimireddy, Rebjock, Stich and Jaggi 2019).
class Feedback {
 public:
  explicit Feedback(const Codec& codec);
  /// Encodes the update and what was left out before, and remembers what is left out now.
  void encode(std::span<const double> update, std::span<std::byte> to);
  [[nodiscard]] const std::vector<double>& left_out() const { return left_out_; }

 private:
  const Codec& codec_;
  std::vector<double> left_out_;
  std::vector<double> sent_;
};

}  // namespace cardan::federation
