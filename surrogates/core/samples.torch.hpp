/// Between typed samples and the tensors that a model works on.
#pragma once

#include "core/ensemble.torch.hpp"
#include "core/normalisation.hpp"

#include <cardan/torch.hpp>

namespace cardan::torch_module {

/// How samples become tensors.
struct Layout {
  /// `rows`, `image`: see NetworkShape, one tensor. `fields`: a tensor for each feature, (n, its
  /// shape), as it is streamed or in `dtype`.
  enum class Kind { rows, image, fields };
  Kind kind = Kind::rows;
  Signature signature;
  /// What one number, or one channel, has its own scale.
  Grouped inputs;
  Grouped outputs;
  /// `fields`: the tensors' dtype; undefined: as streamed, and then nothing is normalised.
  at::ScalarType dtype = at::kFloat;
  bool as_streamed = false;
  /// Of one sample's tensor.
  std::vector<std::vector<std::int64_t>> input_shapes;
  std::vector<std::vector<std::int64_t>> output_shapes;
  /// For networks that are made to measure.
  NetworkShape network;
};

/// Features side by side. Throws where features cannot be channels of one grid.
Layout rows_layout(const Signature& signature, Head head);
Layout image_layout(const Signature& signature);
/// `dtype` "" (as streamed), "float32" or "float64".
Layout fields_layout(const Signature& signature, const std::string& dtype);

/// A batch in units of the scale; `minus` (same features, or null) is taken off first. Tensors of a
/// layout `as_streamed` are views of the batch.
Tensors to_tensors(const Layout& layout, bool inputs, const Batch& batch, const Batch* minus,
                   const Scale& scale);

/// Answers (members, n, ...) back to typed samples, from sample `first` on; throws where a tensor's
/// shape or dtype is not what the signature says.
void from_tensors(const Layout& layout, const Tensors& tensors, const Batch& inputs,
                  std::int64_t first, std::int64_t count, const Scale& scale, Head head,
                  const Answers& answers);

/// The dtype of the model's answer number `i`.
at::ScalarType output_type(const Layout& layout, std::size_t i);
/// Throws, naming both signatures, where the answers of the model `name` do not fit: never
/// broadcast, never cast.
void check_answers(const std::string& name, const Layout& layout, const Tensors& tensors,
                   std::int64_t count, Head head);

at::ScalarType scalar_type(Dtype dtype);
/// `float32 [3], float32 [1]`
std::string describe(const Tensors& tensors, std::int64_t leading);

}  // namespace cardan::torch_module
