/// The library as the pipeline sees it: what each stage does with a candidate.
#pragma once

#include "episode.hpp"
#include "laboratory.hpp"

#include <cardan/pipeline.hpp>

#include <mpi.h>

#include <cstdint>
#include <string>
#include <vector>

namespace funnel {

/// The least and largest numbers that a fine solve gives besides its score.
inline constexpr std::int64_t bounds = 2;

/// What a simulation rank shows of a library.
cardan::PipelineShape shape_of(const LibrarySettings& library);

class Screening {
 public:
  /// `stages`: "fine", or "coarseN" of N x N pixels; the first one may have any name, which is the
  /// model's then. Throws cardan::Error. The laboratory is to outlive it.
  Screening(Laboratory& laboratory, const std::vector<std::string>& stages,
            const std::string& run_file);

  /// Functions that refer to this. Scores are logarithms (base 10) of conductivities.
  [[nodiscard]] cardan::PipelineWork work();
  /// Of this rank, times by MPI_Wtime.
  [[nodiscard]] const std::vector<Piece>& pieces() const { return pieces_; }
  [[nodiscard]] std::int64_t solved() const { return solved_; }
  [[nodiscard]] std::int64_t outside() const { return outside_; }

 private:
  void describe(std::int64_t candidate, std::byte* const* features);
  double run(const cardan::PipelineTask& task, std::span<double> values, std::int64_t& count);
  double fine(std::int64_t candidate, std::span<double> values, std::int64_t& count);

  Laboratory& laboratory_;
  /// Pixels along an edge; 0: the model's.
  std::vector<int> sizes_;
  std::vector<Piece> pieces_;
  std::int64_t solved_ = 0;
  std::int64_t outside_ = 0;
};

}  // namespace funnel
