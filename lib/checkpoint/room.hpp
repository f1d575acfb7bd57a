/// Room on a disk, without HDF5: what fails here is an error, and not a file that HDF5 cannot
/// close.
#pragma once

#include <cstdint>
#include <string>

namespace cardan::checkpoint {

/// Reserves the first `bytes` bytes of a file, made where it is missing, without a change of its
/// size; throws where the disk has not the room. A file system that cannot reserve leaves it at
/// that.
void reserve(const std::string& path, std::int64_t bytes);

/// Gives back what was reserved behind a file's end.
void give_back(const std::string& path);

/// A file in memory, in which only what was written takes room.
class MemoryFile {
 public:
  MemoryFile();
  ~MemoryFile();
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  /// What is written to this descriptor from now on is written here.
  void take_place_of(int descriptor) const;
  /// Makes the file at `to` of the same size and contents, with room reserved for all of it.
  void copy(const std::string& to) const;

 private:
  int descriptor_;
};

}  // namespace cardan::checkpoint
