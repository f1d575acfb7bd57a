/// A report as numbers, and the file that is left of it.
#pragma once

#include "couplers/tuning/settings.hpp"

#include <cardan/tuning.hpp>

#include <span>
#include <string>
#include <vector>

namespace cardan::tuning {

/// `best_rank`: where the state of the best trial lies; -1: nowhere.
std::vector<double> numbers_of(const TuningReport& report, int best_rank);
TuningReport report_from(std::span<const double> numbers, int& best_rank);

/// `tuning-NAME.h5` in a folder; nothing where that is empty. An error is said, and nothing more.
void leave_behind(const TuningReport& report, const Settings& settings, const std::string& folder);

}  // namespace cardan::tuning
