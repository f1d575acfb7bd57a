/// Numbers and pieces of memory one behind the other, and back with every length checked.
#pragma once

#include <cardan/error.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>
#include <vector>

namespace cardan::reduction {

class Writer {
 public:
  explicit Writer(std::vector<std::byte>& to) : to_(&to) {}
  template <class T>
  void put(const T& value)
  {
    static_assert(std::is_arithmetic_v<T>);
    put(&value, sizeof(T));
  }
  /// Of at least 0; small ones take one byte.
  void count(std::int64_t value)
  {
    auto rest = static_cast<std::uint64_t>(value);
    for (; rest >= 128; rest >>= 7) put(static_cast<std::uint8_t>(rest | 128));
    put(static_cast<std::uint8_t>(rest));
  }
  void put(const void* data, std::size_t bytes)
  {
    if (bytes > 0) std::memcpy(room(bytes), data, bytes);
  }
  /// Room for more; what was given out before may have moved.
  std::byte* room(std::size_t bytes)
  {
    const std::size_t before = to_->size();
    to_->resize(before + bytes);
    return to_->data() + before;
  }

  /// Takes the last bytes away again.
  void give_back(std::size_t bytes) { to_->resize(to_->size() - bytes); }

 private:
  std::vector<std::byte>* to_;
};

/// Throws where more is read than there is.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> from) : from_(from) {}
  template <class T>
  [[nodiscard]] T get()
  {
    static_assert(std::is_arithmetic_v<T>);
    T value;
    std::memcpy(&value, take(sizeof(T)).data(), sizeof(T));
    return value;
  }
  /// Throws where it is more than `most`.
  [[nodiscard]] std::int64_t count(std::int64_t most)
  {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 63; shift += 7) {
      const auto byte = get<std::uint8_t>();
      value |= std::uint64_t{byte & 127U} << shift;
      if (byte < 128) {
        if (value > static_cast<std::uint64_t>(most)) damaged("a count is too large");
        return static_cast<std::int64_t>(value);
      }
    }
    damaged("a count has no end");
  }
  [[nodiscard]] std::span<const std::byte> take(std::size_t bytes)
  {
    if (bytes > from_.size()) damaged("they end too early");
    const auto taken = from_.first(bytes);
    from_ = from_.subspan(bytes);
    return taken;
  }
  [[nodiscard]] bool empty() const { return from_.empty(); }
  [[noreturn]] static void damaged(const char* why)
  {
    throw Error{"reduced bytes are damaged", why};
  }

 private:
  std::span<const std::byte> from_;
};

}  // namespace cardan::reduction
