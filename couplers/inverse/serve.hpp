/// The ML side of an inverse problem.
#pragma once

#include "session/context.hpp"

#include <memory>
#include <string>

namespace cardan::inverse {

/// Collective over the session: the other half of Session::inverse.
std::unique_ptr<Duty> serve(const Context& context, const std::string& name);

}  // namespace cardan::inverse
