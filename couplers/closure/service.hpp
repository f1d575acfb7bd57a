/// The ML side of the closure: what an ML rank does for one surrogate.
#pragma once

#include "session/context.hpp"

#include <memory>
#include <string>

namespace cardan::closure {

/// Loads and warms what a surrogate's model computes with; local. Throws where it cannot be loaded.
void warm_up(const Context& context, const std::string& name);

/// Collective over the session: the other half of the simulation's first `predict`. `library`
/// becomes what the model computes with.
std::unique_ptr<Duty> serve(const Context& context, const std::string& name, std::string& library);

}  // namespace cardan::closure
