/// Kind "model": a model of the registry, evaluated.
#pragma once

#include <cardan/service.hpp>

#include <memory>

namespace cardan::service {

/// Loads the module and makes the model. One that is not loaded from a file has the weights that an
/// untrained learner begins with: of the seed and the version, so that all instances have the same.
/// A swap with a file loads that file in place of `file`.
std::unique_ptr<ServiceHandler> make_model(const Config& model, const Signature& signature,
                                           const ServicePlace& place);

}  // namespace cardan::service
