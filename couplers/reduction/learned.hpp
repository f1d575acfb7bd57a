/// Autoencoders that ML ranks train, as simulation ranks run them. Without Torch: the weights are
/// read from what a learner keeps for a restart.
#pragma once

#include "couplers/reduction/transform.hpp"

#include <cardan/model.hpp>

#include <cstdint>
#include <memory>

namespace cardan::reduction {

/// What a learner of blocks reads and answers: one feature `block`, float64 [numbers], in as out.
/// Models that fit: `kind = "autoencoder"` with `hidden = []` (linear), and
/// `kind = "conv_autoencoder"` with `block = [(components,) (nz,) ny, nx]` (its extents; the
/// product is `numbers`). Make the learner with `module_for(model).learner(model, training,
/// block_signature(n), trainee)`; after `normalise` and `settle`, take the transform.
Signature block_signature(std::int64_t numbers);

/// What the learner would publish now (its settled weights and normalisation): "linear" or "conv".
/// Throws where its weights are not those of such a model (hidden layers, several members).
std::unique_ptr<Transform> transform_of(const Learner& learner);
/// The same of what `Learner::checkpoint` gave.
std::unique_ptr<Transform> transform_of(const State& checkpoint);

}  // namespace cardan::reduction
