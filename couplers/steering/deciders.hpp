/// What ML ranks decide with: the kinds of deciders by name.
#pragma once

#include "couplers/steering/settings.hpp"
#include "session/context.hpp"

#include <cardan/steering.hpp>

#include <memory>
#include <string>
#include <vector>

namespace cardan::steering {

/// Those that Cardan has itself.
std::vector<std::string> own_kinds();
/// Throws where nobody registered the kind (with those that are known), and what the maker throws.
std::unique_ptr<Decider> make_decider(const Config& run_file, const SteeringSettings& settings,
                                      const Signature& signature, const DeciderPlace& place);

/// Collective over the session: the other half of Session::steering.
std::unique_ptr<Duty> serve(const Context& context, const std::string& name);

/// What both sides open.
Declaration declaration_of(const SteeringSettings& settings, const Features& report = {},
                           const Features& decision = {});

}  // namespace cardan::steering
