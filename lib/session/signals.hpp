/// Signals that a run file asks to be heard: what batch systems send before they end a job.
#pragma once

#include <string>
#include <vector>

namespace cardan {

/// While it lives, the signals do not end the program but are remembered; then the program's own
/// handlers hold again. One at a time in a process.
class Signals {
 public:
  explicit Signals(const std::vector<int>& numbers);
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  /// The last that came; 0 for none.
  [[nodiscard]] static int heard();
  /// `SIGTERM` to its number; 0 where it is none of those that can be asked for.
  [[nodiscard]] static int number_of(const std::string& name);
  [[nodiscard]] static std::string name_of(int number);

 private:
  struct Before;
  std::vector<Before> before_;
};

}  // namespace cardan
