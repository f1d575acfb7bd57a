/// What all contestants can do, so that one loop measures them.
#pragma once

#include "team.hpp"
#include "values.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <span>

namespace bench {

/// 64 bytes that go back to a producer and follow from the sum of the consumer's part.
using Decision = std::array<std::int64_t, 8>;

inline Decision decide(std::int64_t step, std::uint64_t sum)
{
  Decision decision;
  std::uint64_t word = sum + static_cast<std::uint64_t>(step);
  for (std::int64_t& each : decision) {
    each = static_cast<std::int64_t>(word);
    word += sum;
  }
  return decision;
}

/// Reads a consumer's part where it lies, and gives its sum.
using Read = std::function<std::uint64_t(std::span<const std::int64_t>, const Values&)>;

/// A way to move a field from producers to consumers, and decisions back. Steps only grow.
class Way {
 public:
  Way() = default;
  Way(const Way&) = delete;
  Way& operator=(const Way&) = delete;
  virtual ~Way() = default;

  /// What the field of a step holds.
  [[nodiscard]] virtual Values values(std::int64_t step) const { return Values::ready(step); }
  /// Before a series of so many steps, and after it.
  virtual void begin(std::int64_t /*steps*/) {}
  virtual void end() {}

  /// Producer: sends its part.
  virtual void send(std::int64_t step) = 0;
  /// Producer: the same, and how long the producer could not compute meanwhile, in seconds.
  virtual double time_send(std::int64_t step)
  {
    const double begin = now();
    send(step);
    return now() - begin;
  }
  /// Producer: one decision from each consumer that it overlaps, in their order.
  virtual void await(std::span<Decision> decisions) = 0;

  /// Consumer: waits for its part of the step, has it read and makes room for another.
  virtual std::uint64_t receive(std::int64_t step, const Read& read) = 0;
  /// Consumer: one decision for all producers that it overlaps.
  virtual void answer(std::int64_t step, const Decision& decision) = 0;
};

}  // namespace bench
