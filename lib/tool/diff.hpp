/// How two arrays differ.
#pragma once

#include "tool/entry.hpp"
#include "tool/progress.hpp"

#include <string>

namespace cardan::tool {

/// Numbers a and b are the same where |a - b| <= absolute + relative * |b|, where both are NaN, and
/// where they are equal.
struct Tolerance {
  double relative = 0;
  double absolute = 0;
};

struct Difference {
  std::int64_t count = 0;
  /// Largest |a - b| and |a - b| / |b| of those that differ; infinite where only one is a number.
  double absolute = 0;
  double relative = 0;
  /// The position of the first one in row-major order; -1 where there is none.
  std::int64_t first = -1;
  /// False where elements are neither numbers nor texts nor bytes of a fixed size.
  bool compared = true;
};

/// Arrays of the same shape, in pieces.
Difference compare(const File& a, const Entry& in_a, const File& b, const Entry& in_b,
                   const Tolerance& tolerance, Progress& progress);
/// Attributes' values; empty where they are the same, else both.
std::string compare(const Attribute& a, const Attribute& b, const Tolerance& tolerance);

}  // namespace cardan::tool
