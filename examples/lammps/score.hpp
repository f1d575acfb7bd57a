/// How well a quantity was predicted, beside the mean of what was taught.
#pragma once

#include <mpi.h>

#include <array>
#include <string>

class Score {
 public:
  void teach(double truth);
  void add(double truth, double predicted);
  /// One line about all ranks' predictions, which are then forgotten; collective.
  void print(MPI_Comm comm, const std::string& title);

 private:
  /// Number and sum of what was taught; then, of what was predicted: number, truths, their squares
  /// and squared errors.
  std::array<double, 6> sums_{};
};
