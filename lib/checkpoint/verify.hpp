/// Whether a checkpoint is whole: its checksums.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace cardan::checkpoint {

/// The checksum of an array as the file says, and what the elements that were looked at add to it.
struct Sum {
  std::string name;
  std::uint64_t stated = 0;
  std::uint64_t found = 0;
};

/// Not collective, blocking: adds up the checksums of part `part` of `parts` of every array, in
/// pieces of bounded size. Added over all parts, `found` is `stated` where the array is whole.
/// Throws where the file is no checkpoint, or an array cannot be read, or one has no checksum.
std::vector<Sum> sum_up(const std::string& path, int part = 0, int parts = 1);

}  // namespace cardan::checkpoint
