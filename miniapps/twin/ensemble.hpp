/// States that stand for what is known of one: members, spread over ranks.
#pragma once

#include "model.hpp"

#include <mpi.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace twin {

/// Members of one size, in blocks of rank order; a rank may have none. Which rank has which member
/// changes nothing: sums are taken in member order. Copied freely; copies share the communicator,
/// which is borrowed.
class Ensemble {
 public:
  /// Of zeros. Not collective, but the same arguments everywhere. Throws std::invalid_argument
  /// where members or size are 0.
  Ensemble(MPI_Comm comm, std::size_t members, std::size_t size);

  [[nodiscard]] MPI_Comm comm() const { return comm_; }
  [[nodiscard]] std::size_t members() const { return members_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  /// The members of this rank: first() to first() + count() - 1.
  [[nodiscard]] std::size_t first() const { return first(rank_); }
  [[nodiscard]] std::size_t count() const { return first(rank_ + 1) - first(rank_); }
  [[nodiscard]] int rank() const { return rank_; }
  [[nodiscard]] int ranks() const { return ranks_; }

  /// This rank's members, count() x size().
  [[nodiscard]] std::span<double> states() { return states_; }
  [[nodiscard]] std::span<const double> states() const { return states_; }
  /// `index` is of this rank: 0 .. count() - 1.
  [[nodiscard]] std::span<double> member(std::size_t index);

  /// Collective: all members on all ranks, members() x size(). The memory is the ensemble's, valid
  /// until the next collective call; the states are not changed by writing to it.
  std::span<double> gather();
  /// Collective: mean, and standard deviation (over members - 1), at each site.
  void statistics(std::span<double> mean, std::span<double> spread);
  [[nodiscard]] std::vector<double> mean();
  [[nodiscard]] std::vector<double> spread();

 private:
  [[nodiscard]] std::size_t first(int rank) const;

  MPI_Comm comm_;
  int rank_ = 0;
  int ranks_ = 1;
  std::size_t members_;
  std::size_t size_;
  std::vector<double> states_;
  std::vector<double> everything_;
  std::vector<int> counts_;
  std::vector<int> begins_;
};

/// Each member: `centre` plus noise of standard deviation `deviation`, by its own number.
void scatter(Ensemble& ensemble, std::span<const double> centre, double deviation,
             std::uint64_t seed);
/// Moves this rank's members. Not collective.
void forecast(Ensemble& ensemble, Model& model, int steps);

/// Mean over the members and the sites' standard deviation, of `everything` (members x size) as
/// gathered.
void statistics(std::span<const double> everything, std::span<double> mean,
                std::span<double> spread);

}  // namespace twin
