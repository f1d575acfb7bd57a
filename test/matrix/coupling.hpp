/// What a run of the matrix does: boxes, batches and round trips through four channels.
#pragma once

#include <cardan/channel.hpp>

#include <cstdint>
#include <stdexcept>
#include <vector>

namespace matrix {

struct Options {
  cardan::TransportKind kind = cardan::TransportKind::automatic;
  int producers = 1;
  std::int64_t steps = 20;
  std::int64_t bytes = 1 << 20;
};

/// At least two ranks: producers first, then consumers.
struct Ranks {
  int rank = 0;
  int size = 2;
  int producers = 1;

  [[nodiscard]] int consumers() const { return size - producers; }
  [[nodiscard]] bool produces() const { return rank < producers; }
  [[nodiscard]] bool consumes() const { return !produces(); }
};

/// Something else arrived than was sent.
struct WrongData : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The channels of a run; they open together and are used one after the other. All calls are
/// collective over MPI_COMM_WORLD; those that move data throw WrongData, or what the channel
/// throws.
class Coupling {
 public:
  /// Throws what opening a channel throws.
  Coupling(const Options& options, const Ranks& ranks);

  /// An array from rows to columns, out of strided memory and by claims, step by step.
  void send_boxes();
  /// Between none and all of the samples declared in a step.
  void send_batches();
  /// A question of every producer to every consumer, answered before the next.
  void ask_and_answer();

  [[nodiscard]] cardan::TransportKind transport() const { return boxes_.transport(); }

 private:
  std::int64_t put_batch(std::int64_t step);
  bool take_batch(std::int64_t& taken);
  void fill_batch(float* x, std::int64_t* key, std::int64_t step, std::int64_t samples) const;

  Options options_;
  Ranks ranks_;
  /// This rank's parts of the array and of the questions, by what it does with them.
  cardan::Box rows_;
  cardan::Box columns_;
  cardan::Box asked_;
  cardan::Box answered_;
  cardan::Channel boxes_;
  cardan::Channel batches_;
  cardan::Channel questions_;
  cardan::Channel replies_;
};

}  // namespace matrix
