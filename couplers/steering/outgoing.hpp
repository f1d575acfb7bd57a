/// A decider's way out: decisions to every simulation rank, and what waits for room there.
#pragma once

#include "couplers/steering/ends.hpp"
#include "couplers/steering/wire.hpp"

#include <cardan/steering.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cardan::steering {

/// Neither blocking nor collective. What waits is kept in memory that is used again.
class Outgoing : public Outbox {
 public:
  explicit Outgoing(Ends& ends);
  Outgoing(const Outgoing&) = delete;
  Outgoing& operator=(const Outgoing&) = delete;

  std::int64_t send(const Ruling& ruling) override;
  [[nodiscard]] int ranks() const override { return static_cast<int>(ends_.simulation.size()); }
  /// Sends what waits and has room now; says whether anything did.
  bool pay();
  /// Whether anything waits.
  [[nodiscard]] bool owes() const;
  /// A simulation rank reads nothing any more.
  void forget(int rank);

 private:
  /// A decision that found no room.
  struct Owed {
    DecisionHeader header;
    /// All fields and the reason, each where `offsets_` says.
    std::vector<std::byte> bytes;
  };
  struct Rank {
    std::vector<Owed> owed;
    std::vector<Owed> spare;
    std::int64_t superseded = 0;
    bool gone = false;
  };
  void put(std::size_t rank, const DecisionHeader& header);
  void keep(Rank& rank, const DecisionHeader& header);
  bool pay(std::size_t rank);

  Ends& ends_;
  std::vector<Rank> ranks_;
  /// Each field of a decision and its reason, as what is put next; where they lie in `bytes`.
  std::vector<Field> fields_;
  std::vector<std::size_t> offsets_;
  std::size_t bytes_ = 0;
  std::int64_t ids_ = 0;
};

}  // namespace cardan::steering
