/// The ML rank of an inverse problem: deals out its solves.
#pragma once

#include "couplers/inverse/measure.hpp"
#include "couplers/inverse/settings.hpp"

#include <cardan/steering.hpp>

#include <memory>
#include <string>

namespace cardan::inverse {

/// Throws, with the line, where the surrogate of the run file cannot be. At its end it leaves
/// `inverse-NAME.h5` (see chronicle.hpp) in `folder`; empty: nothing.
std::unique_ptr<Decider> make_brain(const Config& run_file, const Settings& settings,
                                    const Measure& measure, const DeciderPlace& place,
                                    const std::string& folder);

}  // namespace cardan::inverse
