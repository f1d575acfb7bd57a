/// What goes wrong, said so that it can be mended. C++17, so that Torch sources can include it.
#pragma once

#include <stdexcept>
#include <string>

namespace cardan {

/// Which ranks know of an error: only the one that throws, or all ranks of a collective call.
enum class Reach { local, everywhere };

/// An error with a problem, a reason and a remedy in its message.
class Error : public std::runtime_error {
 public:
  /// Message: `problem (reason) remedy`; reason and remedy may be empty.
  explicit Error(const std::string& problem, const std::string& reason = {},
                 const std::string& remedy = {});
  /// The same message, thrown by every rank of a collective call.
  static Error everywhere(const std::string& message);
  [[nodiscard]] Reach reach() const noexcept { return reach_; }

 private:
  Reach reach_ = Reach::local;
};

/// A wait that ran past its deadline.
class Late : public Error {
 public:
  using Error::Error;
};

}  // namespace cardan
