/// The ML side of a twin.
#pragma once

#include "session/context.hpp"

#include <memory>
#include <string>

namespace cardan::twin {

/// Collective over the session: the other half of Session::twin.
std::unique_ptr<Duty> serve(const Context& context, const std::string& name);

}  // namespace cardan::twin
