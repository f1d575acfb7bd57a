/// The ML side of an ensemble: keeps a window of frames, learns, scores, chooses, decides.
#pragma once

#include "couplers/ensemble/settings.hpp"
#include "session/context.hpp"

#include <cardan/ensemble.hpp>
#include <cardan/steering.hpp>

#include <memory>
#include <string>

namespace cardan::ensemble {

/// The decider of an ensemble. Throws, with the line, where model and fields do not fit. At its end
/// it leaves `ensemble-NAME.h5` (see chronicle.hpp) in `folder`; empty: nothing.
std::unique_ptr<Decider> make_brain(const Config& run_file, const EnsembleSettings& settings,
                                    const EnsembleShape& shape, const DeciderPlace& place,
                                    const std::string& folder = "");

/// Collective over the session: the other half of Session::ensemble (a steering desk with a brain
/// on the first ML rank).
std::unique_ptr<Duty> serve(const Context& context, const std::string& name);

}  // namespace cardan::ensemble
