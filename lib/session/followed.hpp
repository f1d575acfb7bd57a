/// Protected fields that follow from one split of ranks to the next.
#pragma once

#include "checkpoint/snapshot.hpp"
#include "mpi/deadline.hpp"

#include <cardan/field.hpp>

#include <mpi.h>

#include <map>
#include <string>
#include <vector>

namespace cardan {

/// Every rank of a session has one. A part of a field stays where it was copied until the field is
/// asked for; then only overlaps move, from rank to rank.
class Followed {
 public:
  /// Copies a field, which has a box (see Snapshot::add), in the place of what was there before.
  void take(const std::string& name, const Field& field);
  /// Nothing is there any more.
  void clear();
  /// Collective over the session: whatever any rank has taken can be asked for from now on.
  void share(MPI_Comm everyone, mpi::Deadline deadline);
  /// The place of a field among those that can be asked for; -1: it is none. The same on all ranks.
  [[nodiscard]] int find(const std::string& name) const;
  /// Collective over the session, blocking: fills the field's box on ranks that give one; null on
  /// others. Throws the same error on all ranks where dtypes or global shapes differ, or ranks have
  /// left a gap.
  void give(int index, const Field* field, MPI_Comm everyone, mpi::Deadline deadline) const;

 private:
  std::map<std::string, checkpoint::Item> parts_;
  std::vector<std::string> names_;
};

}  // namespace cardan
