/// What receivers say of puts to the controller, which is on the lead, and what it decides.
#pragma once

#include "couplers/reduction/controller.hpp"
#include "couplers/reduction/ends.hpp"
#include "couplers/reduction/intake.hpp"
#include "couplers/reduction/outbox.hpp"
#include "session/context.hpp"

#include <cardan/reduction.hpp>

#include <cstdint>

namespace cardan::reduction {

/// Neither blocking nor collective. `ends` and `outbox` outlive this.
class Feedback {
 public:
  Feedback(const Context& context, const Settings& settings, Ends& ends, Outbox& outbox);
  /// Whether the quantity is known, or none is named.
  [[nodiscard]] bool knows_quantity() const
  {
    return settings_.quantity.empty() || quantity_ != nullptr;
  }
  /// Of a put that the intake has just reconstructed.
  void report(const Intake& intake, const MessageHeader& header);
  /// The lead: what others say; whether there was anything.
  bool hear();
  [[nodiscard]] std::int64_t decisions() const { return controller_.decision().number; }

 private:
  void judge(const Note& note);

  const Context& context_;
  Settings settings_;
  Ends& ends_;
  Outbox& outbox_;
  Controller controller_;
  const Quantity* quantity_;
};

}  // namespace cardan::reduction
