/// How far a long reading is: a line on standard error, where that is a terminal.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace cardan::tool {

class Progress {
 public:
  /// `bytes` are all that will be read.
  Progress(std::string what, std::int64_t bytes);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// So many more were read.
  void add(std::int64_t bytes);

 private:
  using Clock = std::chrono::steady_clock;
  std::string what_;
  std::int64_t bytes_;
  std::int64_t done_ = 0;
  bool terminal_;
  bool shown_ = false;
  Clock::time_point begin_ = Clock::now();
  Clock::time_point next_ = begin_ + std::chrono::seconds(1);
};

}  // namespace cardan::tool
