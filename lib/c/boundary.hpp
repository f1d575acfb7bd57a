/// What every C function is made of: the one place where exceptions end, and handles that know
/// whether they are open.
#pragma once

#include <cardan/cardan.h>
#include <cardan/error.hpp>

#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace cardan::c {

/// A call that makes no sense, whatever the run.
class Misuse : public Error {
 public:
  using Error::Error;
};

/// To be called in a `catch`: remembers the message and says which status it is.
cardan_status caught() noexcept;

/// Runs a function; what it throws becomes the status and this thread's message.
template <class Function>
cardan_status translate(const Function& function) noexcept
{
  try {
    function();
    return CARDAN_OK;
  } catch (...) {
    return caught();
  }
}

/// What ends with a session.
class Ending {
 public:
  virtual ~Ending() = default;
  /// Closes what it stands for, if it is open.
  virtual void end() = 0;
};

/// What a C handle points to. Its memory is kept until the process ends, so that a copy of a handle
/// that was closed is found to be closed.
template <class State>
class Shell : public Ending {
 public:
  void end() override { state_.reset(); }

  std::unique_ptr<State> state_;
};

/// Keeps an object until the process ends, and is never destroyed itself: sessions that were not
/// closed must not be when MPI is gone.
void keep_for_ever(std::unique_ptr<Ending> ending);

template <class Handle, class State>
Handle* make(std::unique_ptr<State> state)
{
  auto owned = std::make_unique<Handle>();
  Handle* handle = owned.get();
  handle->state_ = std::move(state);
  keep_for_ever(std::move(owned));
  return handle;
}

[[noreturn]] void refuse_null(const char* what);
[[noreturn]] void refuse_closed(const char* what);

/// What is behind an open handle.
template <class Handle>
auto& state_of(Handle* handle, const char* what)
{
  if (handle == nullptr) refuse_null(what);
  if (!handle->state_) refuse_closed(what);
  return *handle->state_;
}

/// Takes an open handle's state away, and the handle from its owner.
template <class Handle>
auto take(Handle** handle, const char* what)
{
  if (handle == nullptr || *handle == nullptr) refuse_null(what);
  Handle* closed = std::exchange(*handle, nullptr);
  if (!closed->state_) refuse_closed(what);
  return std::move(closed->state_);
}

/// Throws unless a pointer argument points to something.
template <class T>
T& needed(T* pointer, const char* argument)
{
  if (pointer == nullptr)
    throw Misuse{std::string("the argument '") + argument + "' is null", "it must point somewhere"};
  return *pointer;
}
/// The same of a text.
std::string text_of(const char* text, const char* argument);

/// Throws unless MPI works and `comm` is a communicator.
void check_mpi(MPI_Comm comm);
/// A Fortran communicator; MPI_COMM_NULL before MPI is initialised and after its end.
MPI_Comm comm_of(MPI_Fint comm);

/// One of an enumeration's values; throws where it is none. It is not looked at as an enumeration
/// before that is known.
template <class To, class From>
To enumerated(const From& value, int last, const char* argument)
{
  int number = 0;
  static_assert(sizeof value == sizeof number);
  std::memcpy(&number, &value, sizeof number);
  if (number < 0 || number > last)
    throw Misuse{std::string("the argument '") + argument + "' is " + std::to_string(number),
                 "known are 0 to " + std::to_string(last)};
  return static_cast<To>(number);
}

}  // namespace cardan::c
