/// The ML side of a service: the instances that this rank hosts.
#pragma once

#include "session/context.hpp"

#include <memory>
#include <string>

namespace cardan::service {

/// Collective over the session: the other half of Session::service.
std::unique_ptr<Duty> serve(const Context& context, const std::string& name);

}  // namespace cardan::service
