/// The simulation's side of an ensemble: runs members, streams their frames, follows decisions.
#pragma once

#include "couplers/ensemble/frame.hpp"
#include "couplers/ensemble/settings.hpp"
#include "couplers/steering/client.hpp"
#include "session/context.hpp"

#include <cardan/ensemble.hpp>

namespace cardan::ensemble {

class Members : public Duty {
 public:
  /// Collective over the session and blocking; the same error on all ranks.
  Members(const Context& context, const EnsembleSettings& settings, const EnsembleShape& shape);
};

}  // namespace cardan::ensemble
