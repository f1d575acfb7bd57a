/// What numbers of a run file may be. Each returns the value, or throws with file and line.
#pragma once

#include <cardan/config.hpp>

namespace cardan::config {

template <class T>
T positive(const Config& table, const char* key, T value)
{
  if (!(value > 0)) throw table.error(key, "must be positive");
  return value;
}

template <class T>
T not_negative(const Config& table, const char* key, T value)
{
  if (!(value >= 0)) throw table.error(key, "must not be negative");
  return value;
}

inline double share(const Config& table, const char* key, double value)
{
  if (!(value >= 0 && value <= 1)) throw table.error(key, "must be a share, from 0 to 1");
  return value;
}

}  // namespace cardan::config
