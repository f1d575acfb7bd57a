/// Control: what simulation rank 0 tells the ML ranks, outside of steps: open a surrogate, or
/// leave.
#pragma once

#include "session/context.hpp"

namespace cardan {

class Control {
 public:
  enum class Kind : int { open, open_service, end, failed };
  struct Message {
    Kind kind;
    /// Of the surrogate or service to be opened, in the run file's order.
    int index;
  };
  explicit Control(const Context& context) : context_(context) {}
  /// Simulation rank 0 (others: nothing): sends to every ML rank.
  void tell(const Message& message) const;
  /// ML ranks: whether a message waits.
  [[nodiscard]] bool waiting() const;
  /// ML ranks: takes the message that waits.
  [[nodiscard]] Message take() const;

 private:
  const Context& context_;
};

}  // namespace cardan
