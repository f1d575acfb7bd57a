/// Cardan's side: a checkpoint of one array, by the library's own path and no session.
#pragma once

#include "checkpoint/writer.hpp"
#include "checkpoints/part.hpp"

#include <mpi.h>

#include <cstdint>
#include <string>

namespace bench {

struct Took {
  /// Seconds in which the caller was held up: the copy, and the begin of writing.
  double caller = 0;
  /// Until the file had its name.
  double whole = 0;
};

class Own {
 public:
  /// Collective, as all else; files are called `base` with a number before the suffix.
  Own(MPI_Comm comm, const std::string& base);
  /// Writes the next file, and waits for it; throws on all ranks where it is not whole.
  Took write(const Part& part);
  /// The newest file.
  [[nodiscard]] std::string path() const { return writer_.series().path(sequence_); }

 private:
  MPI_Comm comm_;
  cardan::checkpoint::Writer writer_;
  std::int64_t sequence_ = 0;
};

/// Seconds of a plain copy into memory that was not used before.
double copy_plainly(const Part& part);

}  // namespace bench
