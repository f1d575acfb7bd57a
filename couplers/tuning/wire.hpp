/// What orders and results of a tuning say.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace cardan::tuning {

/// Kinds of orders.
enum class Kind : std::int32_t { hello, train, simulate, account };

/// How a trial gets to where it is trained.
enum class Entry : std::uint8_t { fresh, in_place, load };

/// An order to train, for one of the ranks that do.
struct TrainOrder {
  std::int64_t trial = 0;
  int rung = 0;
  std::uint64_t seed = 0;
  /// That it has been trained for before, and more.
  std::int64_t before = 0;
  std::int64_t epochs = 0;
  Entry entry = Entry::fresh;
  /// Of `load`: the trial whose state it is, and where it lies.
  std::int64_t source = -1;
  int source_rank = -1;
  int source_slot = -1;
  int slot = 0;
  /// Counted among the simulation ranks; the first one leads.
  std::vector<int> ranks;
  /// Slots to be given up before.
  std::vector<int> drops;
  std::vector<double> values;

  [[nodiscard]] std::vector<double> numbers() const;
  static TrainOrder from(std::span<const double> numbers);
};

/// A result; of `hello` and `simulate` without loss.
struct Answer {
  double loss = 0;
  /// Of the state that it went on from, which may be newer than what was ordered.
  std::int64_t before = 0;
  /// Of `simulate`: samples that were made.
  std::int64_t made = 0;
  /// In this rank's part: samples, those held out, and those for which there was no room.
  std::int64_t samples = 0;
  std::int64_t held_out = 0;
  std::int64_t lost = 0;
  /// Whether there is anything to simulate, and whether states can go through a window.
  bool simulates = false;
  bool moves = false;

  [[nodiscard]] std::vector<double> numbers() const;
  static Answer from(std::span<const double> numbers);
  static constexpr std::int64_t size = 8;
};

/// Numbers of the longest order.
std::int64_t order_numbers(int ranks, int slots, std::size_t parameters);

}  // namespace cardan::tuning
