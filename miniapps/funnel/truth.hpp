/// What the pipeline is to find: labels of the whole library, and what coarse solves alone say.
#pragma once

#include "laboratory.hpp"

#include <mpi.h>

#include <cstdint>
#include <string>
#include <vector>

namespace funnel {

/// One number for each candidate; on rank 0.
struct Truth {
  std::vector<double> labels;
  std::vector<double> lower;
  std::vector<double> upper;
  std::vector<double> coarse16;
  std::vector<double> coarse32;
  /// Mean seconds of one: making the image, each coarse solve, both fine ones.
  double image_seconds = 0;
  double coarse16_seconds = 0;
  double coarse32_seconds = 0;
  double fine_seconds = 0;
  bool was_kept = false;

  /// Rank-seconds of making and solving all candidates.
  [[nodiscard]] double exhaustive() const
  {
    return static_cast<double>(labels.size()) * (image_seconds + fine_seconds);
  }
};

/// Solves all candidates, dealt out in turn. Collective over `comm`; the result is on its rank 0.
Truth find_truth(MPI_Comm comm, Laboratory& laboratory, std::int64_t candidates);

/// The file in which the labels of a library are kept; named by all that they depend on.
std::string kept_name(const std::string& folder, const Laboratory& laboratory,
                      std::int64_t candidates);
/// On one rank.
void keep(const Truth& truth, const std::string& path);
/// Throws where the file cannot be read.
Truth kept(const std::string& path, std::int64_t candidates);

}  // namespace funnel
