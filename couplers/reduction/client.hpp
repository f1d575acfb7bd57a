/// The simulation's side of a reduction: encodes, sends, follows the controller.
#pragma once

#include "couplers/reduction/encoders.hpp"
#include "couplers/reduction/ends.hpp"
#include "couplers/reduction/sender.hpp"
#include "couplers/reduction/settings.hpp"
#include "couplers/reduction/wire.hpp"
#include "session/context.hpp"

#include <cardan/reduction.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace cardan::reduction {

class Client : public Duty {
 public:
  /// Collective over the session and blocking; the same error on all ranks. The fields are checked
  /// (check_fields).
  Client(const Context& context, const Settings& settings,
         const std::vector<ReductionField>& fields);

  // As Reduction has them.
  bool put(Reduction::FieldList fields);
  void fit(Reduction::FieldList fields);
  [[nodiscard]] const ReductionCounters& counters() const { return counters_; }
  [[nodiscard]] const ReductionSetting& setting() const { return setting_; }

  bool poll() override;
  [[nodiscard]] bool finished() override { return true; }
  void close() override { ends_.close(); }
  void abandon() noexcept override { ends_.abandon(); }

 private:
  /// Takes over what the lead has sent; says whether there was anything.
  bool hear();
  void follow(const Decision& decision);
  void use(std::uint32_t version, Encoders encoders);
  /// Whether a slot is free; waits for one where the run file says so, or `must`.
  bool room(bool must);
  void send(MessageHeader header, std::span<const std::byte> bytes);
  void send_encoders(const std::vector<std::byte>& bytes);
  void count(std::size_t moved);

  const Context& context_;
  Settings settings_;
  Sender sender_;
  Ends ends_;
  Decision decision_;
  std::shared_ptr<const Encoders> encoders_;
  Assembly assembly_;
  /// When the last put that was sent began; 0: none was.
  std::int64_t begun_ = 0;
  ReductionCounters counters_;
  ReductionSetting setting_;
};

}  // namespace cardan::reduction
