/// What a session opened for a handle, and whether it is still open.
#pragma once

#include <memory>
#include <utility>

namespace cardan {

/// False once the ranks were split anew (Session::resplit), or the session has ended; null: always
/// open.
using Life = std::shared_ptr<const bool>;

/// Throws: a handle is used after that.
[[noreturn]] void throw_closed();

/// A handle's pointer: throws where it is used after its life.
template <class End>
class Opened {
 public:
  Opened(End* end, Life life) : end_(end), life_(std::move(life)) {}
  End* operator->() const
  {
    if (life_ && !*life_) throw_closed();
    return end_;
  }

 private:
  End* end_;
  Life life_;
};

}  // namespace cardan
