/// The ML side of a reduction.
#pragma once

#include "session/context.hpp"

#include <memory>
#include <string>

namespace cardan::reduction {

/// Collective over the session: the other half of Session::reduction.
std::unique_ptr<Duty> serve(const Context& context, const std::string& name);

}  // namespace cardan::reduction
