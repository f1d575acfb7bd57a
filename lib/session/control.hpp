/// Control: what simulation rank 0 tells the ML ranks, outside of steps: open a surrogate, or
/// leave.
#pragma once

#include "session/context.hpp"

#include <optional>

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
  /// ML ranks: the next message. Training ranks that already train (`together`) take it in the same
  /// round, so that none of them waits in a round of training for one that is opening.
  std::optional<Message> next(bool together);

 private:
  const Context& context_;
};

}  // namespace cardan
