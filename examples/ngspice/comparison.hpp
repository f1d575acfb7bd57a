/// How right the answers of a model are, for designs that ngspice did too.
#pragma once

#include "rectifier.hpp"

#include <mpi.h>

#include <cstdint>

class Comparison {
 public:
  /// `tolerance`: the largest error of mean and ripple that was to be trusted.
  explicit Comparison(const Response& tolerance) : tolerance_(tolerance) {}
  /// `answer`: null where the model was not trusted.
  void add(const Response& truth, const Response* answer);
  /// Says it for all ranks, and how many of the designs before ngspice had to do; collective.
  void print(MPI_Comm comm, std::int64_t before, std::int64_t done) const;

 private:
  Response tolerance_;
  /// Designs, trusted ones, those of them within the tolerance; of the trusted ones, for mean and
  /// ripple: truths, their squares, squared errors.
  std::array<double, 9> sums_{};
};
