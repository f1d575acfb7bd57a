/// Kind "reduce": what a sample of each input looks like, in four numbers.
#pragma once

#include <cardan/service.hpp>

#include <memory>

namespace cardan::service {

/// For each input one output, float64 of sample shape (4): least, largest, mean, and root of the
/// mean square over the sample's numbers. Throws where the outputs are others.
std::unique_ptr<ServiceHandler> make_reduce(const Signature& signature);

}  // namespace cardan::service
