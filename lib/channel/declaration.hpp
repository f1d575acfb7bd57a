/// What a rank declares of a channel's fields, and whether all ranks declare it alike.
#pragma once

#include "mpi/comm.hpp"

#include <cardan/channel.hpp>

#include <mpi.h>

#include <string>
#include <vector>

namespace cardan::channel {

/// One rank's declarations.
struct End {
  std::vector<FieldSpec> produced;
  std::vector<FieldSpec> consumed;
};

/// What the lowest producer declares, which everybody else's declarations are compared with.
struct Reference {
  int rank = 0;
  std::vector<FieldSpec> fields;

  [[nodiscard]] bool boxes() const { return fields.front().box.has_value(); }
};

/// Field specs as bytes, and back.
std::string pack(const std::vector<FieldSpec>& specs);
std::vector<FieldSpec> unpack(const std::string& bytes);

/// Collective: throws unless somebody produces and somebody consumes, names, dtypes and shapes
/// agree on all ranks and boxes lie inside their global arrays. The same error on all ranks.
Reference agree_on_fields(MPI_Comm comm, const std::string& channel, const End& mine,
                          mpi::Deadline deadline);

/// Collective: throws unless all ranks give the same depth, policy, `every` and `partial`.
void agree_on_options(MPI_Comm comm, const ChannelOptions& options, mpi::Deadline deadline);

}  // namespace cardan::channel
