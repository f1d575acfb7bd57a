/// Where a training rank of a deterministic run stands between marks.
#pragma once

#include "couplers/closure/source.hpp"

#include <cstdint>
#include <vector>

namespace cardan::closure {

struct Turn {
  MarkedSource* source = nullptr;
  /// By lane of the weights: whether the newest marker is still to be sent.
  std::vector<bool> owed;
  /// The newest marker's number, and the version that was sent last.
  std::int64_t marker = 0;
  std::uint32_t sent = 0;
  /// The checkpoint at whose mark this rank rests until it was held for it; 0 elsewhere.
  std::int64_t resting = 0;
  /// The checkpoint that the present wish to hold is for; 0 for none.
  std::int64_t wished = 0;

  [[nodiscard]] bool owes() const;
};

}  // namespace cardan::closure
