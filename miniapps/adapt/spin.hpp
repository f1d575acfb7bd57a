/// The second task: a masked transformer as the mutation operator of a genetic search on spin-glass
/// strips. It has sessions, tables, an archive (spin.h5) and a part of summary.json of its own.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace adapt {

/// What main.cpp hands over; the same on all ranks.
struct SpinRequest {
  std::string run_file;
  /// For spin.h5 and the sessions' folders; it exists.
  std::string folder;
  /// Given on the command line; otherwise the task's own table says how many.
  std::optional<int> seeds;
  std::int64_t first_seed = 0;
  bool without_ml = false;
};

/// Throws what is wrong with the task's table, before any session opens; the same on all ranks.
void check_spin(const SpinRequest& request);
/// Runs it, one session after another, over MPI_COMM_WORLD; collective. On the first simulation
/// rank: writes spin.h5, prints its table, and returns what summary.json says of it, with the key
/// `fraction_of_optimum`; null on others.
nlohmann::json run_spin(const SpinRequest& request);

}  // namespace adapt
