/// Event files that TensorBoard reads: scalars over steps, and texts.
#pragma once

#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>

namespace miniapp {

/// CRC-32C (Castagnoli) of bytes, and as TFRecord masks it.
std::uint32_t crc32c(std::string_view bytes);
std::uint32_t masked_crc32c(std::string_view bytes);

/// One file `events.out.tfevents.*`: records in TFRecord framing (length, its checksum, data, their
/// checksum), each a protocol buffer `tensorflow.Event`.
class EventFile {
 public:
  /// Makes the folder, and in it a file of this name's end; throws std::runtime_error where it
  /// cannot.
  EventFile(const std::string& folder, const std::string& name);
  /// A number at a step; one that is not finite is written as it is.
  void scalar(const std::string& tag, std::int64_t step, double value);
  /// A text (Markdown) at step 0.
  void text(const std::string& tag, const std::string& value);
  /// Writes what is held; throws where it cannot be written.
  void close();
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  void event(std::int64_t step, const std::string& field);

  std::string path_;
  std::ofstream file_;
};

}  // namespace miniapp
