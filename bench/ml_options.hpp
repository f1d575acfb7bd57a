/// The command line of cardan-bench-ml.
#pragma once

#include <mpi.h>

#include <optional>
#include <string>

namespace bench {

struct MlOptions {
  /// "training", "inference" or "stream".
  std::string report;
  int rounds = 7;
  /// Shorter rounds and fewer cases.
  bool quick = false;
  /// Counts and results, and nothing that a clock says: for tests.
  bool smoke = false;
  /// Only cases whose name has this in it.
  std::string only;
  /// Empty: no file.
  std::string json;
  std::string python;
  /// The script of PyTorch's side.
  std::string peer;
};

/// Parses on every rank and speaks on the first. Empty to go on; else the exit status: 0 after
/// --help, 2 for what is wrong.
std::optional<int> parse_ml(MlOptions& options, int argc, char** argv, MPI_Comm comm);

}  // namespace bench
