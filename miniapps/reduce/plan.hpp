/// One run of one encoder with one bound: a session of its own.
#pragma once

#include <cstdint>
#include <string>

namespace reduce {

struct Plan {
  /// "cost", "rate", "bound" or "drift".
  std::string kind;
  /// Which of the run file's reductions, by the encoder it has.
  std::string encoder;
  /// Of the range; and absolute.
  double eps = 1e-3;
  double bound = 1e-3;
  /// Numbers that the encoder makes of a block; 0: as the run file says.
  std::int64_t latent = 0;
  /// Puts that an encoder is fitted or trained from, and steps before each.
  std::int64_t lessons = 0;
  std::int64_t lesson_stride = 0;
  /// Puts that are measured, and steps before each; after how many of them parameters change (0:
  /// never), and whether the encoder then learns on.
  std::int64_t puts = 0;
  std::int64_t stride = 1;
  std::int64_t change_after = 0;
  bool retrain = false;
  /// The receiver computes the true fields itself and compares.
  bool judged = false;
  int repetition = 0;
  std::int64_t seed = 1;
  std::string run_file;
  std::string folder;

  /// Steps from the prepared state to the first of the measured ones.
  [[nodiscard]] std::int64_t begin() const { return lessons * lesson_stride; }
  /// The step after which parameters are others; negative: none.
  [[nodiscard]] std::int64_t change_step() const
  {
    return change_after > 0 ? begin() + change_after * stride : -1;
  }
};

}  // namespace reduce
