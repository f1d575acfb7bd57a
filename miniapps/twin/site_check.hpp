/// What the rules for sites bring, and what a cycle takes.
#pragma once

#include "reference_check.hpp"

#include <mpi.h>

#include <functional>
#include <string>

namespace twin {

struct SiteRow {
  std::string rule;
  int count = 0;
  /// Means over the seeds, and the standard error of `analysis`.
  double analysis = 0;
  double forecast = 0;
  double error = 0;
};
/// Collective: few sites of 40 at a time, each 0.05, unit error, LETKF of 20 members.
void compare_sites(MPI_Comm comm, const CheckSettings& settings,
                   const std::function<void(const SiteRow&)>& report);

struct TimeRow {
  std::string name;
  /// Medians, in seconds.
  double forecast = 0;
  double analysis = 0;
};
/// Collective: filters on 40 sites, all seen.
void time_cycles(MPI_Comm comm, const std::function<void(const TimeRow&)>& report);

}  // namespace twin
