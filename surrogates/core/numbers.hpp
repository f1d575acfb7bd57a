/// Numbers in and out of typed columns.
#pragma once

#include "core/normalisation.hpp"

#include <cardan/model.hpp>

namespace cardan::torch_module {

/// All numbers of one sample, feature after feature.
void read_row(const Features& features, const Batch& batch, std::int64_t row, double* numbers);

/// All numbers of a batch in units of the scale, (count, numbers); `minus` (same features, or null)
/// is taken off first. `T` is float or double.
template <class T>
void normalise(const Grouped& grouped, const Batch& batch, const Batch* minus, const Scale& scale,
               T* numbers);

/// One answer's way back.
struct Denormalise {
  const Grouped& grouped;
  const Scale& scale;
  Head head;
  /// Of the batch, for heads that add to them.
  Batch inputs;
  Features input_features;
};
/// From (members, count, numbers) in units of the scale (with a Gaussian head (members, count, 2,
/// numbers): means, then logarithms of variances) to typed answers at sample `first` and, where
/// asked for, their spread: the mean over members, and the square root of their variance plus the
/// mean of the variances that they state (Lakshminarayanan et al. 2017). The conserving head's sum
/// is made exact here: what float rounding left goes to the number with the largest deviation.
template <class T>
void denormalise(const Denormalise& way, const T* values, std::int64_t members, std::int64_t first,
                 std::int64_t count, const Answers& answers);

}  // namespace cardan::torch_module
