/// Writes checkpoints from all ranks of a session, in the background.
#pragma once

#include "checkpoint/background.hpp"
#include "checkpoint/description.hpp"
#include "mpi/comm.hpp"

#include <mpi.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cardan::checkpoint {

struct WriterSettings {
  std::string file;
  int keep = 2;
  /// Seconds after which a wait for other ranks is given up.
  double patience = 60;
  /// The ranks (of the communicator) that make and complete the files, and that hear how it went.
  int owner = 0;
  int listener = 0;
};

/// How a checkpoint went.
struct Outcome {
  std::int64_t sequence = 0;
  /// Empty where the file is whole.
  std::string failure;
};

/// One on each rank. What a rank gives is copied before; then its thread writes, and its main
/// thread goes on. The owner's main thread makes each file when all ranks have said what they have:
/// it has to poll.
class Writer {
 public:
  /// Collective, blocking: duplicates the communicator.
  Writer(MPI_Comm comm, const WriterSettings& settings);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  [[nodiscard]] const Series& series() const noexcept { return series_; }
  /// Files that it may take away.
  void adopt(std::vector<std::int64_t> numbers) { background_.adopt(std::move(numbers)); }
  /// Not collective, does not wait: begins to write what this rank has of a file that all ranks
  /// write. It must be idle. `facts` count on the listener; `begun`: the file exists with arrays
  /// that are written.
  void begin(const Facts& facts, std::vector<Item> items, bool begun);
  /// Does what there is to do now.
  void poll();
  /// Whether this rank's part of all that was begun has ended, and on the owner the file's making.
  [[nodiscard]] bool idle() const;
  /// Whether its file is made, so that nobody waits for this rank's main thread any more.
  [[nodiscard]] bool made() const { return !collecting_; }
  /// On the listener: the oldest outcome that was not taken yet.
  std::optional<Outcome> outcome();

 private:
  [[nodiscard]] bool owns() const { return rank_ == settings_.owner; }
  void collect();
  void make();
  void hear();
  void settle();

  WriterSettings settings_;
  mpi::Comm comm_;
  int rank_;
  Series series_;
  Background background_;
  bool begun_ = false;
  /// The owner's: descriptions that have arrived, and from whom.
  bool collecting_ = false;
  std::vector<std::string> arrived_;
  int missing_ = 0;
  std::string own_;
  MPI_Request sending_ = MPI_REQUEST_NULL;
  std::string outcome_text_;
  MPI_Request telling_ = MPI_REQUEST_NULL;
  std::int64_t sequence_ = 0;
  std::vector<Outcome> outcomes_;
};

}  // namespace cardan::checkpoint
