/// A model's signature as a checkpoint has it.
#pragma once

#include <cardan/model.hpp>

#include <string>

namespace cardan::closure {

/// `{"inputs":[{"name":"state","dtype":"float64","shape":[3]}],"outputs":[...]}`
std::string to_json(const Signature& signature);

}  // namespace cardan::closure
