/// A reaction u' = -u^3 in every cell of a ring of ranks, with diffusion between the cells.
#pragma once

#include <mpi.h>

#include <cmath>
#include <cstdint>
#include <vector>

namespace reactor {

class Solver {
 public:
  /// Settings are anything that has `get<T>(key, fallback)`.
  template <class Settings>
  Solver(MPI_Comm comm, const Settings& settings)
      : comm_(comm),
        steps_(settings.template get<std::int64_t>("steps", 50)),
        dt_(settings.template get<double>("dt", 0.01)),
        state_(static_cast<std::size_t>(settings.template get<std::int64_t>("cells", 64))),
        advanced_(state_.size())
  {
    for (std::size_t i = 0; i < state_.size(); ++i)
      state_[i] = 1 + 0.5 * std::sin(0.1 * static_cast<double>(i));
  }

  [[nodiscard]] std::int64_t steps() const { return steps_; }
  [[nodiscard]] std::vector<double>& state() { return state_; }
  [[nodiscard]] std::vector<double>& advanced() { return advanced_; }

  /// The exact flow of u' = -u^3 over a step.
  void integrate_kinetics()
  {
    for (std::size_t i = 0; i < state_.size(); ++i)
      advanced_[i] = state_[i] / std::sqrt(1 + 2 * dt_ * state_[i] * state_[i]);
  }

  void diffuse()
  {
    int rank = 0;
    int ranks = 0;
    MPI_Comm_rank(comm_, &rank);
    MPI_Comm_size(comm_, &ranks);
    const int left = (rank + ranks - 1) % ranks;
    const int right = (rank + 1) % ranks;
    double before = 0;
    double after = 0;
    MPI_Sendrecv(&advanced_.back(), 1, MPI_DOUBLE, right, 0, &before, 1, MPI_DOUBLE, left, 0, comm_,
                 MPI_STATUS_IGNORE);
    MPI_Sendrecv(&advanced_.front(), 1, MPI_DOUBLE, left, 1, &after, 1, MPI_DOUBLE, right, 1, comm_,
                 MPI_STATUS_IGNORE);
    for (std::size_t i = 0; i < state_.size(); ++i) {
      const double west = i == 0 ? before : advanced_[i - 1];
      const double east = i + 1 == state_.size() ? after : advanced_[i + 1];
      state_[i] = advanced_[i] + 0.1 * (west - 2 * advanced_[i] + east);
    }
  }

 private:
  MPI_Comm comm_;
  std::int64_t steps_;
  double dt_;
  std::vector<double> state_;
  std::vector<double> advanced_;
};

}  // namespace reactor
