/// The same trip by hand: memory that both ranks map and flags, or messages of MPI.
#pragma once

#include "team.hpp"
#include "waiting.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace bench {

/// What goes there and comes back: the trip's number comes back one larger. All words besides are
/// copied on both ways.
using Words = std::span<std::int64_t>;
inline constexpr std::size_t number_word = 1;

/// Between rank 0, which asks, and rank 1.
class Bare {
 public:
  /// Collective over `comm`, which has two ranks.
  Bare(MPI_Comm comm, std::size_t words);
  Bare(const Bare&) = delete;
  Bare& operator=(const Bare&) = delete;
  ~Bare();

  /// Rank 0: one trip through memory, or by messages.
  void ask_memory(Words sent, Words back);
  void ask_messages(Words sent, Words back);
  /// Rank 1: so many trips.
  void answer_memory(std::int64_t trips);
  void answer_messages(std::int64_t trips);

 private:
  static void finish(MPI_Request request);
  void send(Words from, int to);
  void receive(Words to, int from);

  /// Each rank's own memory: what it reads, and its flag, a cache line apart.
  static constexpr std::size_t line = 64;
  Window window_;
  MPI_Comm comm_ = MPI_COMM_NULL;
  std::byte* mine_ = nullptr;
  std::byte* other_ = nullptr;
  std::size_t bytes_;
  Sequence trips_ = 0;
  std::vector<std::int64_t> room_;
};

}  // namespace bench
