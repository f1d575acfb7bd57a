/// Where the ranks that write a checkpoint meet: a small file beside it, so that threads which must
/// not call MPI know where their parts go and say when they are done.
#pragma once

#include "checkpoint/layout.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace cardan::checkpoint {

/// A rank's row: whether it is done, and what its parts add to the checksum of each array.
struct Row {
  enum class State : std::uint64_t { writing, done, failed };
  State state = State::writing;
  std::vector<std::uint64_t> sums;
  /// Why it failed.
  std::string reason;
};

class Table {
 public:
  /// Makes the file for so many ranks, whole at once under its name.
  static void create(const std::string& path, const std::vector<Place>& places, int ranks);
  /// Reads a table that is there; nothing where it is not.
  static std::optional<Table> open(const std::string& path);

  [[nodiscard]] const std::vector<Place>& places() const noexcept { return places_; }
  [[nodiscard]] int ranks() const noexcept { return ranks_; }
  /// Throws where it cannot be written.
  void write(int rank, const Row& row) const;
  [[nodiscard]] Row read(int rank) const;

 private:
  [[nodiscard]] std::int64_t row_bytes() const;

  std::string path_;
  std::vector<Place> places_;
  std::int64_t first_row_ = 0;
  int ranks_ = 0;
};

/// Throws, with the system's reason, where the file cannot be opened.
int open_file(const std::string& path, int flags);
/// Writes all bytes at an offset, or throws.
void write_at(int descriptor, const void* data, std::size_t bytes, std::int64_t offset);
/// Waits until what was written is on the disk, or throws; a folder's names too.
void flush_file(int descriptor);
void flush_folder_of(const std::string& path);

}  // namespace cardan::checkpoint
