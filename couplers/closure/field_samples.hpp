/// Samples inside the simulation's fields, of any strides.
#pragma once

#include <cardan/channel.hpp>
#include <cardan/field.hpp>
#include <cardan/model.hpp>

#include <cstddef>
#include <vector>

namespace cardan::closure {

/// Fields of batches as a model knows them.
Features features_of(const std::vector<FieldSpec>& fields);

/// Copies samples from dense memory into samples [first, first + count) of a field of any strides.
void store(const std::byte* dense, const Field& field, std::int64_t first, std::int64_t count);

/// Whether a sample of a field is free of not-a-numbers and infinities, and whether all are.
bool finite(const Field& field, std::int64_t sample);
bool finite(const Field& field);

}  // namespace cardan::closure
