/// The families behind make_filter.
#pragma once

#include "filter.hpp"

#include <memory>

namespace twin {

std::unique_ptr<Filter> make_global_filter(const FilterSettings& settings);
std::unique_ptr<Filter> make_local_filter(const FilterSettings& settings);
/// `climate` may be null for free_run.
std::unique_ptr<Filter> make_baseline(const FilterSettings& settings, const Climate* climate);

/// Throws std::invalid_argument where there is only one member.
void check_members(const Ensemble& ensemble);

}  // namespace twin
