/// The ML side of a tuning.
#pragma once

#include "session/context.hpp"

#include <memory>
#include <string>

namespace cardan::tuning {

/// Collective over the session: the other half of Session::tuning.
std::unique_ptr<Duty> serve(const Context& context, const std::string& name);

}  // namespace cardan::tuning
