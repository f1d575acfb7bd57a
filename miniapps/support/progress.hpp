/// A progress line for long work: rewritten in place on a terminal, ten lines elsewhere.
#pragma once

#include <cstdint>
#include <string>

namespace miniapp {

class Progress {
 public:
  /// Silent unless `speaks` (one rank). `unit`: what is counted.
  Progress(std::string what, std::int64_t total, bool speaks, std::string unit = "steps");
  /// Step `done` of the total is finished; `note` stands behind it.
  void step(std::int64_t done, const std::string& note);

 private:
  std::string what_;
  std::int64_t total_;
  bool speaks_;
  std::string unit_;
  bool terminal_;
  double begin_;
  double shown_ = 0;
};

}  // namespace miniapp
