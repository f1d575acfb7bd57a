/// Versions of the encoder: one transform for each field.
#pragma once

#include "couplers/reduction/settings.hpp"
#include "couplers/reduction/transform.hpp"

#include <cardan/reduction.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

namespace cardan::reduction {

using Encoders = std::vector<std::shared_ptr<const Transform>>;

/// Edges of a block along each of the grid's dimensions.
std::vector<std::int64_t> edges_of(const ReductionField& field, const Settings& settings);
/// Numbers of a block of a field.
std::int64_t block_numbers(const ReductionField& field, const Settings& settings);
/// Version 0: no transform of any field.
Encoders no_encoders(const std::vector<ReductionField>& fields, const Settings& settings);
/// As they stream to other ranks, and back. The latter throws where the bytes are not of encoders
/// of such fields.
std::vector<std::byte> bytes_of(const Encoders& encoders);
Encoders read_encoders(std::span<const std::byte> bytes, const std::vector<ReductionField>& fields,
                       const Settings& settings);

/// The versions that may still be in flight, but for 0.
class Versions {
 public:
  /// A version that is there already stays.
  void add(std::uint32_t version, Encoders encoders)
  {
    all_.try_emplace(version, std::make_shared<const Encoders>(std::move(encoders)));
  }
  /// Null where it has not arrived (or is forgotten).
  [[nodiscard]] std::shared_ptr<const Encoders> find(std::uint32_t version) const
  {
    const auto found = all_.find(version);
    return found == all_.end() ? nullptr : found->second;
  }
  /// No rank goes back behind this one.
  void forget_before(std::uint32_t version) { all_.erase(all_.begin(), all_.lower_bound(version)); }
  [[nodiscard]] std::size_t size() const { return all_.size(); }

 private:
  std::map<std::uint32_t, std::shared_ptr<const Encoders>> all_;
};

/// Pieces of a version, in order, to the whole.
class Assembly {
 public:
  /// Says whether the version is whole now: `bytes` then has it. Throws where a piece is missing.
  bool add(std::int64_t offset, std::int64_t total, std::span<const std::byte> piece);
  [[nodiscard]] const std::vector<std::byte>& bytes() const { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
};

}  // namespace cardan::reduction
