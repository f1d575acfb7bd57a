/// A batch over numbers of one's own.
#pragma once

#include <cardan/model.hpp>

#include <array>
#include <cstddef>

namespace cardan::inverse {

/// Samples, row by row, as a module takes them: one feature or two.
class Columns {
 public:
  explicit Columns(std::size_t count, const double* first, const double* second = nullptr)
      : columns_{reinterpret_cast<const std::byte*>(first),
                 reinterpret_cast<const std::byte*>(second)},
        batch_{static_cast<std::int64_t>(count), columns_.data()}
  {}
  Columns(const Columns&) = delete;
  Columns& operator=(const Columns&) = delete;
  [[nodiscard]] const Batch& batch() const { return batch_; }

 private:
  std::array<const std::byte*, 2> columns_;
  Batch batch_;
};

}  // namespace cardan::inverse
