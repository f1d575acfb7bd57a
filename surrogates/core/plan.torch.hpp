/// From a run file's tables to what is made.
#pragma once

#include "core/torch_model.torch.hpp"

namespace cardan::torch_module {

/// Reads the `model` table: a kind, or a file. Throws with file and line.
Plan make_plan(const Config& model, const Signature& signature, std::uint64_t seed);

/// What training starts from, for `read_training`.
TrainingDefaults training_defaults(const Config& model, const Plan& plan);

}  // namespace cardan::torch_module
