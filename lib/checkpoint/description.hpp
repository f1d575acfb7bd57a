/// What a checkpoint will hold, as ranks tell each other.
#pragma once

#include "checkpoint/snapshot.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace cardan::checkpoint {

/// An array of the file, without its contents.
struct Description {
  std::string name;
  Dtype dtype = Dtype::float64;
  /// Of a text: none, and how many bytes it has.
  Extents global;
  std::int64_t text_bytes = -1;
  Attributes attributes;
  Storage storage;

  [[nodiscard]] bool is_text() const noexcept { return text_bytes >= 0; }
  [[nodiscard]] std::int64_t bytes() const
  {
    return is_text() ? text_bytes : global.product() * size_of(dtype);
  }
};

/// What the file says of itself.
struct Facts {
  std::int64_t sequence = 0;
  std::int64_t step = 0;
  std::string created;
};

std::vector<Description> describe(const std::vector<Item>& items);
std::string to_bytes(const std::vector<Description>& descriptions);
std::vector<Description> from_bytes(const std::string& bytes);
/// Adds what `more` has and `all` has not; throws where they say different things of one array.
void merge(std::vector<Description>& all, const std::vector<Description>& more);
/// The present date and time, ISO 8601, UTC.
std::string now();

}  // namespace cardan::checkpoint
