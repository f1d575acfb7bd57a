/// One genetic search on one strip: a session of its own.
#pragma once

#include "spin_settings.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace adapt {

/// What came of it, on the first simulation rank; series have a number for each generation, that of
/// the start population first.
struct SpinSearch {
  std::string method;
  std::int64_t seed = 0;
  double optimum = 0;
  int simulation_ranks = 1;
  int ml_ranks = 0;
  /// Calls of the simulator so far, by all ranks.
  std::vector<std::int64_t> calls;
  /// The best energy so far, and the mean of the population.
  std::vector<double> best;
  std::vector<double> mean;
  /// Of what is mutated; of the children that were better than their parents; loss and version of
  /// the network.
  std::vector<double> share;
  std::vector<double> successes;
  std::vector<double> loss;
  std::vector<std::int64_t> version;
  Spins spins;
  /// Of all generations; and of those in which networks were asked and taught, in energies, in the
  /// exact solution.
  double seconds = 0;
  double mutation_seconds = 0;
  double energy_seconds = 0;
  double exact_seconds = 0;
  std::string ml_library;

  /// Of the exact optimum: best over ground-state energy, after so many calls.
  [[nodiscard]] double fraction(std::int64_t after) const;
  [[nodiscard]] double fraction() const { return best.back() / optimum; }
  /// Calls until the fraction was reached.
  [[nodiscard]] std::optional<std::int64_t> calls_to(double fraction) const;
};

/// Collective over MPI_COMM_WORLD and blocking; ML ranks serve. Empty but on the first simulation
/// rank. Methods without a network have the same result on any number of ranks.
std::optional<SpinSearch> search_spins(const SpinSettings& settings, const SpinRequest& request,
                                       const std::string& method, std::int64_t seed);

}  // namespace adapt
