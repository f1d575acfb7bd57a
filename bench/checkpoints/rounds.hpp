/// The report on checkpoints.
#pragma once

#include "json_lines.hpp"

#include <string>
#include <vector>

namespace bench {

struct CheckpointOptions {
  /// Of the whole array.
  std::vector<double> mebibytes{256};
  std::vector<std::string> cuts{"slabs", "blocks"};
  int rounds = 7;
  std::string folder = ".";
  bool quick = false;
  /// Small arrays, and nothing that a clock says: for tests.
  bool smoke = false;
  /// Empty: no file.
  std::string json;
};

/// Collective over MPI_COMM_WORLD: on 1, 2 and 3 of its ranks, and on all; the first one prints.
void report_checkpoint(const CheckpointOptions& options, JsonLines& json);

}  // namespace bench
