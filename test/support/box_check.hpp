/// What the boxes of a random channel hold, and whether they do.
#pragma once

#include "support/box_case.hpp"

#include <string>

namespace test {

inline Value value_at(const BoxCase& drawn, std::size_t f, std::int64_t step, const Extents& place)
{
  const auto linear = dot(place, cardan::row_major(drawn.fields[f].global));
  return value_of(drawn.fields[f].dtype, key_of(f, step, linear));
}

/// The first element of what `consumer` has of field `f` that is not what it should be; empty where
/// all are.
inline std::string difference(const BoxCase& drawn, const Phase& phase, std::size_t consumer,
                              std::size_t f, const Field& field, std::int64_t step)
{
  const Boxes& boxes = phase.fields[f];
  const Box& box = boxes.consumed[consumer];
  std::string first;
  for_each_index(box.count, [&](const Extents& index) {
    if (!first.empty()) return;
    const Extents place = sum(index, box.offset);
    bool covered = !drawn.options.partial;
    for (std::size_t r = 0; r < drawn.produces.size() && !covered; ++r)
      covered = drawn.produces[r] && contains(boxes.produced[r], place);
    if (!holds(field, index, covered ? value_at(drawn, f, step, place) : Value{}))
      first = drawn.fields[f].name + " differs at " + cardan::to_string(place) +
              (covered ? "" : " (a gap)") + " of step " + std::to_string(step);
  });
  return first;
}

/// Strides of dimensions with fewer than two elements are nobody's business.
inline bool lies_as(const Field& field, const Extents& strides)
{
  if (field.shape().product() == 0) return true;
  for (int d = 0; d < strides.rank(); ++d)
    if (field.shape()[d] > 1 && field.strides()[d] != strides[d]) return false;
  return true;
}

}  // namespace test
