/// What one split of ranks leaves to the next: models and their training, deciders, counters.
#pragma once

#include "checkpoint/held.hpp"
#include "checkpoint/reader.hpp"
#include "session/context.hpp"

#include <memory>
#include <vector>

namespace cardan {

/// Every rank of a session has one. What a split has snapshots of takes the place of what the one
/// before left; the rest goes on to the next one that may ask for it. Models and deciders are held
/// by ML ranks (where there are none, by the first rank), counters by simulation ranks.
class Heirlooms {
 public:
  /// Collective over the session, blocking: `fresh` is what this rank has; roles are those of
  /// before, `next` those to come. `before` is read for what was never opened; null: nothing is.
  void pass_on(const Context& context, const std::vector<Roles>& next, checkpoint::Snapshot fresh,
               const checkpoint::Reader* before);
  /// What is held, as a checkpoint is read. Null before anything was passed on.
  [[nodiscard]] const checkpoint::Reader* reader() const { return reader_.get(); }

 private:
  std::unique_ptr<checkpoint::Held> held_;
  std::unique_ptr<checkpoint::Reader> reader_;
};

}  // namespace cardan
