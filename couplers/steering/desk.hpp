/// The ML side: takes reports in, hands them to a decider, sends what it decides.
#pragma once

#include "couplers/steering/ends.hpp"
#include "couplers/steering/wire.hpp"
#include "session/context.hpp"

#include <cardan/steering.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace cardan::steering {

/// Makes the decider, once the simulation's fields are known.
using MakeDecider =
    std::function<std::unique_ptr<Decider>(const Ends& ends, const DeciderPlace& place)>;

/// Collective over the session and blocking, also on ML ranks that decide nothing: the other half
/// of Client. Errors of `make` become the same error on all ranks.
std::unique_ptr<Duty> make_desk(const Context& context, const Declaration& declaration,
                                const MakeDecider& make);

}  // namespace cardan::steering
