// The reactor's time loop, alone and coupled to a model.
#pragma once

#include "history.hpp"
#include "reactor.hpp"

#include <cardan/session.hpp>

#include <cstdint>
#include <optional>

namespace inner {

// Advances the reactor by `steps` steps of Strang splitting; with a surrogate, the kinetics of the
// cells that it is trusted with are its answer and the others are the solver's, which teaches it.
// Collective over the session's simulation ranks.
History simulate(cardan::Session& session, Reactor& reactor, std::int64_t steps,
                 std::optional<cardan::Surrogate>& surrogate);

}  // namespace inner
