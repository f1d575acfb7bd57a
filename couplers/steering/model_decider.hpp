/// Kind "model": a model of the registry decides from each report.
#pragma once

#include <cardan/steering.hpp>

#include <memory>

namespace cardan::steering {

/// Loads the module and makes the model: its inputs are a report's fields, its outputs are the
/// decision, for the rank that reported. One that is not loaded from a file has the weights that an
/// untrained learner begins with, of the seed. An output that is not a number is an error of that
/// report.
std::unique_ptr<Decider> make_model_decider(const Config& model, const Signature& signature,
                                            const DeciderPlace& place);

}  // namespace cardan::steering
