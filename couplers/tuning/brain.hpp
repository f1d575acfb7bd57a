/// The ML rank's part: a conductor behind a foreman.
#pragma once

#include "couplers/tuning/settings.hpp"

#include <cardan/steering.hpp>

#include <memory>
#include <string>

namespace cardan::tuning {

/// Orders that a rank has at most: it is told of the next piece when it has done one.
inline constexpr int depth = 1;

/// `folder`: where it leaves its records.
std::unique_ptr<Decider> make_brain(const Settings& settings, const DeciderPlace& place,
                                    const std::string& folder);

}  // namespace cardan::tuning
