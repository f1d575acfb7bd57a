/// The producers' ready arrays.
#pragma once

#include "layout.hpp"

#include <array>
#include <cstdlib>
#include <memory>
#include <new>
#include <span>

namespace bench {

/// Elements on lines of their own, written at once so that no page is touched first while measured.
class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(std::int64_t count);
  [[nodiscard]] std::span<std::int64_t> span() const { return {data_.get(), count_}; }

 private:
  struct Free {
    void operator()(std::int64_t* data) const { std::free(data); }
  };
  std::unique_ptr<std::int64_t[], Free> data_;
  std::size_t count_ = 0;
};

/// This producer's part, three times over; empty on consumers.
class Sources {
 public:
  Sources(const Team& team, const Layout& layout);
  [[nodiscard]] std::span<std::int64_t> array(std::int64_t step) const
  {
    return arrays_[static_cast<std::size_t>(step % Values::arrays)].span();
  }

 private:
  std::array<Buffer, Values::arrays> arrays_;
};

}  // namespace bench
