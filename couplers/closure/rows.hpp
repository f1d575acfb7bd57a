/// Between fields of any dtype and the rows of numbers that a model works on: a row is a sample's
/// values, field after field, in the run file's order.
#pragma once

#include "channel/lane.hpp"

#include <cardan/field.hpp>
#include <cardan/model.hpp>

#include <cstddef>
#include <vector>

namespace cardan::closure {

/// Numbers in a row.
std::int64_t width_of(const std::vector<FieldSpec>& fields);

/// Copies `count` samples that lie in a lane's slot (parts `first_part`...) into rows.
void pack(const channel::InLane& lane, std::size_t first_part, const std::vector<FieldSpec>& fields,
          std::int64_t count, double* rows);

/// Dense arrays that hold rows again as the fields that they came from.
class Columns {
 public:
  Columns(const std::vector<FieldSpec>& fields, std::int64_t capacity);
  void unpack(const double* rows, std::int64_t count);
  /// Field `i` with `count` samples, to be sent.
  [[nodiscard]] Field field(std::size_t i, std::int64_t count) const;

 private:
  std::vector<FieldSpec> fields_;
  std::vector<std::vector<std::byte>> data_;
};

/// Copies samples from dense memory into samples [first, first + count) of a field of any strides.
void store(const std::byte* dense, const Field& field, std::int64_t first, std::int64_t count);

/// Whether a sample of a field is free of not-a-numbers and infinities.
bool finite(const Field& field, std::int64_t sample);

}  // namespace cardan::closure
