/// Truncated singular value decomposition of a tall matrix whose rows are spread over ranks.
#pragma once

#include "couplers/reduction/transform.hpp"
#include "mpi/deadline.hpp"

#include <mpi.h>

#include <cstdint>
#include <memory>
#include <vector>

namespace cardan::reduction {

struct TruncatedSvd {
  /// Of the mean-free rows: all min(rows, columns) singular values, descending, and the first
  /// `latent` right singular vectors, latent x columns.
  std::vector<double> values;
  std::vector<double> vectors;
  std::vector<double> mean;
  /// Rows of all ranks.
  std::int64_t rows = 0;
  /// sqrt of the sum of squares of the singular values that were left out: the Frobenius norm of
  /// what the best approximation of that rank leaves (Eckart and Young, 1936).
  [[nodiscard]] double tail(std::int64_t latent) const;
};

/// Of `count` x `columns` numbers on each rank (count may be 0); rows with a number that is none
/// are left out. By QR of each rank's rows, and of the triangles of two ranks at a time (TSQR;
/// Demmel et al., 2012): no Gram matrix, so small singular values keep their digits. The same bits
/// on all ranks. Collective over `comm`, blocking; throws `Late` where a rank does not arrive.
TruncatedSvd truncated_svd(MPI_Comm comm, const double* rows, std::int64_t count,
                           std::int64_t columns, std::int64_t latent,
                           mpi::Deadline deadline = mpi::Deadline::in(600));
/// The best linear encoder of that many latents: throws where the decomposition has fewer vectors.
std::unique_ptr<Transform> transform_of(const TruncatedSvd& svd, std::int64_t latent);

}  // namespace cardan::reduction
