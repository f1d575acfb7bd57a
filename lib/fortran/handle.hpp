/// What stands behind a Fortran handle, and how every verb ends.
#pragma once

#include "descriptor.hpp"

namespace cardan::fortran {

enum class Kind { session, surrogate, channel, service, steering, archive };

/// Shared by all copies of a Fortran variable, and kept for ever: a copy of what was closed is
/// closed.
struct Handle {
  Kind kind;
  cardan_session* session = nullptr;
  cardan_surrogate* surrogate = nullptr;
  cardan_channel* channel = nullptr;
  cardan_service* service = nullptr;
  cardan_steering* steering = nullptr;
  cardan_archive* archive = nullptr;
  /// What a channel's slot is: of a claim, or of what arrived.
  bool claims = false;
};

Handle* make(Kind kind);
/// The handle of a variable that was opened; throws where it was not, or is closed.
Handle& opened(void* const* variable);

/// Sets `stat` and `errmsg`; without `stat` prints the message and aborts the job.
void report(const Failure& failure, int* stat, CFI_cdesc_t* errmsg);

/// Runs a verb as `allocate` does.
template <class Function>
void verb(int* stat, CFI_cdesc_t* errmsg, const Function& function)
{
  try {
    function();
    if (stat != nullptr) *stat = CARDAN_OK;
  } catch (const Failure& failure) {
    report(failure, stat, errmsg);
  } catch (...) {
    report({CARDAN_ERROR, "out of memory"}, stat, errmsg);
  }
}

}  // namespace cardan::fortran

/// The shape of all verbs: cardan.f90 says what each takes as `a` to `h`.
#define CARDAN_FORTRAN_VERB(name)                                        \
  extern "C" void cardan_fortran_##name(                                 \
      [[maybe_unused]] void** variable, [[maybe_unused]] CFI_cdesc_t* a, \
      [[maybe_unused]] CFI_cdesc_t* b, [[maybe_unused]] CFI_cdesc_t* c,  \
      [[maybe_unused]] CFI_cdesc_t* d, [[maybe_unused]] CFI_cdesc_t* e,  \
      [[maybe_unused]] CFI_cdesc_t* f, [[maybe_unused]] CFI_cdesc_t* g,  \
      [[maybe_unused]] CFI_cdesc_t* h, int* stat, CFI_cdesc_t* errmsg)
