/// Control: what simulation rank 0 tells the ML ranks, outside of steps: open a surrogate or
/// another coupler, write a checkpoint, hand out a field of the split before, split the ranks anew,
/// or leave.
#pragma once

#include "session/context.hpp"

#include <cstdint>

namespace cardan {

class Control {
 public:
  enum class Kind : int { open, open_coupler, checkpoint, field, split, end, failed };
  struct Message {
    Kind kind;
    /// Of the surrogate to be opened, in the run file's order, or in the session's list of
    /// couplers; of a checkpoint how many of them there were in this session; of a field its place
    /// among those that follow.
    int index = 0;
    /// In the name of a checkpoint's file.
    std::int64_t sequence = 0;
  };
  explicit Control(const Context& context) : context_(context) {}
  /// Simulation rank 0 (others: nothing): sends to every ML rank.
  void tell(const Message& message) const;
  /// The same, and returns when every ML rank has taken it; throws `Late` at the run's deadline.
  void tell_and_wait(const Message& message) const;
  /// ML ranks: whether a message waits.
  [[nodiscard]] bool waiting() const;
  /// ML ranks: takes the message that waits.
  [[nodiscard]] Message take() const;

 private:
  const Context& context_;
};

}  // namespace cardan
