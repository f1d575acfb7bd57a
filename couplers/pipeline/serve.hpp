/// The ML side of a pipeline.
#pragma once

#include "session/context.hpp"

#include <memory>
#include <string>

namespace cardan::pipeline {

/// Collective over the session: the other half of Session::pipeline.
std::unique_ptr<Duty> serve(const Context& context, const std::string& name);

}  // namespace cardan::pipeline
