/// Reports on learning and inference. All are collective over MPI_COMM_WORLD and have the first
/// rank print.
#pragma once

#include "json_lines.hpp"
#include "ml_options.hpp"

namespace bench {

/// Samples a second of data-parallel training beside PyTorch's.
void report_training(const MlOptions& options, JsonLines& json);

/// What an answer takes beside a bare forward pass.
void report_inference(const MlOptions& options, JsonLines& json);

/// What is learned of a stream that moves, in equal time.
void report_stream(const MlOptions& options, JsonLines& json);

}  // namespace bench
