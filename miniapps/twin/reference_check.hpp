/// Are the filters right? Their errors, beside what is published.
#pragma once

#include <mpi.h>

#include <cstdint>
#include <functional>
#include <string>

namespace twin {

/// One value.
struct CheckRow {
  std::string name;
  double value = 0;
  double reference = 0;
  /// Standard error of the value; 0 where nothing was drawn.
  double error = 0;
  /// What the value may be off by without counting the statistics: mostly the reference's digits.
  double tolerance = 0;
  /// Where the reference is from.
  std::string source;

  /// Within the tolerance and three standard errors. False of what is not finite.
  [[nodiscard]] bool within() const;
};

struct CheckSettings {
  /// Runs of each experiment, with seeds that follow each other, and analyses of each run after
  /// those that do not count.
  int seeds = 2;
  std::int64_t cycles = 2000;
  /// Minutes instead of seconds: large rings and ensembles, long intervals, small steps as well.
  bool full = false;
  std::uint64_t seed = 1;
};

/// Collective over `comm`, whose ranks share the members. Hands each row to `report` as soon as it
/// is there, on all ranks. Returns whether all were within.
bool check_references(MPI_Comm comm, const CheckSettings& settings,
                      const std::function<void(const CheckRow&)>& report);

}  // namespace twin
