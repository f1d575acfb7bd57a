/// The same calls in C++, C and Fortran, many of each: what a language adds is the difference.
#pragma once

#include <cstdint>

namespace bench {

/// Samples and numbers in a sample of the arrays that all languages bind.
inline constexpr std::int64_t samples = 4;
inline constexpr std::int64_t numbers = 3;

/// A language: a session of this rank alone without ML ranks, so that a call does nothing but what
/// every call does; and a channel from this rank to itself whose ring is full, so that a put is
/// counted and dropped.
struct Language {
  const char* name;
  void (*open)(const char* run_file, double* state, double* advanced);
  /// `count` calls of predict, of predict with both arrays bound anew before each, of put.
  void (*predict)(std::int64_t count);
  void (*bind)(std::int64_t count);
  void (*put)(std::int64_t count);
  void (*close)();
};

extern const Language cpp;
extern const Language c;
extern const Language fortran;

}  // namespace bench
