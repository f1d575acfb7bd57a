/// What the searches found, for people and for files; on one rank.
#pragma once

#include "spin_search.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace adapt {

struct SpinReport {
  SpinSettings settings;
  std::vector<SpinSearch> searches;

  [[nodiscard]] std::vector<const SpinSearch*> of(const std::string& method) const;
};

/// A table on standard output.
void print(const SpinReport& report);
/// `FOLDER/spin.h5`: runs/METHOD/seed_N with a series for each number of a generation.
void write_spin_archive(const SpinReport& report, const std::string& folder);
/// Its part of summary.json; `fraction_of_optimum` is the median of the adaptive network, or of the
/// last method where that was not asked for.
nlohmann::json summary_of(const SpinReport& report);

}  // namespace adapt
