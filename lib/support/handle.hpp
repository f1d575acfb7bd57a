/// Owns a C handle: one template for MPI_Comm, MPI_Win, MPI_Datatype, hid_t and dlopen.
#pragma once

#include <utility>

namespace cardan {

/// Traits give `using type`, `static type null()` and `static void release(type)`.
/// An empty or moved-from handle holds `null()` and releases nothing.
template <class Traits>
class Handle {
 public:
  using type = typename Traits::type;

  Handle() noexcept : raw_(Traits::null()) {}
  explicit Handle(type raw) noexcept : raw_(raw) {}
  Handle(Handle&& other) noexcept : raw_(std::exchange(other.raw_, Traits::null())) {}
  Handle& operator=(Handle&& other) noexcept
  {
    if (this != &other) {
      reset();
      raw_ = std::exchange(other.raw_, Traits::null());
    }
    return *this;
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() { reset(); }

  /// The raw handle, borrowed.
  [[nodiscard]] type get() const noexcept { return raw_; }
  explicit operator bool() const noexcept { return raw_ != Traits::null(); }
  /// Releases what is held.
  void reset() noexcept
  {
    if (raw_ != Traits::null()) Traits::release(std::exchange(raw_, Traits::null()));
  }
  /// Gives the raw handle away; the caller releases it, or leaves it on purpose.
  [[nodiscard]] type leave() noexcept { return std::exchange(raw_, Traits::null()); }

 private:
  type raw_;
};

}  // namespace cardan
