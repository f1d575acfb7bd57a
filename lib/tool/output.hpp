/// Files that are written beside what is read.
#pragma once

#include <cstdio>
#include <memory>
#include <string>

namespace cardan::tool {

/// A file that has its name when it is whole, or standard output; errors say why it could not be
/// written. Without `finish` nothing is left of it.
class Output {
 public:
  /// Empty or `-`: standard output.
  explicit Output(const std::string& path);
  ~Output();
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  void write(const std::string& text);
  void finish();
  [[nodiscard]] std::FILE* file() const noexcept { return file_; }
  /// Throws what the system says of the last write.
  [[noreturn]] void fail() const;

 private:
  std::string path_;
  std::string part_;
  std::FILE* file_;
};

}  // namespace cardan::tool
