/// What can be measured. All are collective over the ranks given, throw on all of them, and have
/// the first rank print.
#pragma once

#include "json_lines.hpp"
#include "options.hpp"
#include "team.hpp"

namespace bench {

/// Every pattern, transport, mode and size, beside the references.
void compare(const Team& team, const Options& options, JsonLines& json);

/// Fields with gaps, as they lie and transposed, beside loops written by hand.
void compare_strided(const Team& team, const Options& options, JsonLines& json);

/// How long a producer is held up by a step, by how long it computes between two.
void report_overlap(const Team& team, const Options& options, JsonLines& json);

/// What a rank sends and holds as the number of ranks grows and each has the same neighbours.
void report_scaling(MPI_Comm world, const Options& options, JsonLines& json);

}  // namespace bench
