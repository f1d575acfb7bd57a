/// Zip archives, as far as TorchScript files are ones: LibTorch neither checks sums nor bounds well
/// enough to be given a broken file. C++17, without Torch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace cardan::torch_module {

struct ZipPart {
  std::string name;
  /// Unpacked.
  std::uint64_t bytes;
};
/// Reads the directory of an archive and checks all that it holds: bounds, and the sum (CRC-32) of
/// every entry. Throws std::runtime_error with what is wrong.
std::vector<ZipPart> check_zip(const std::string& path);

/// What deflate (RFC 1951) packed into `from`; throws std::runtime_error unless that is exactly
/// `bytes` bytes.
std::vector<std::uint8_t> inflate(const std::vector<std::uint8_t>& from, std::size_t bytes);

}  // namespace cardan::torch_module
