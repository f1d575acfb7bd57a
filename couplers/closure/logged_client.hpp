/// A client whose calls leave records in the decision log.
#pragma once

#include "couplers/closure/client.hpp"
#include "provenance/call_log.hpp"

#include <memory>

namespace cardan::closure {

/// Hands every call on to another client. `log` is the session's, and outlives it.
class LoggedClient : public Surrogate::Implementation {
 public:
  LoggedClient(const Context& context, const SurrogateSettings& settings,
               std::unique_ptr<Surrogate::Implementation> client,
               const provenance::DecisionLog& decisions, provenance::CallLog& log);
  Answer predict(Fields inputs, Fields outputs) override;
  void observe(Fields inputs, Fields outputs, std::span<const std::int64_t> samples) override;
  void observe_all(Fields inputs, Fields outputs) override;

 private:
  std::unique_ptr<Surrogate::Implementation> client_;
  const provenance::DecisionLog& decisions_;
  provenance::CallLog& log_;
};

}  // namespace cardan::closure
