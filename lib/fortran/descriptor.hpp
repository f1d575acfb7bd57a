/// What Fortran passes: C descriptors of scalars, texts and arrays. Files of this folder use
/// nothing of Cardan but its C interface.
#pragma once

#include <cardan/cardan.h>

#include <ISO_Fortran_binding.h>

#include <cstdint>
#include <string>
#include <vector>

namespace cardan::fortran {

/// A call that failed: its message, and the status that says how.
struct Failure {
  cardan_status status;
  std::string message;
};

/// What a `type(cardan_view)` holds: where a component of an array of derived types lies. gfortran
/// (12 to 14) copies `cells%heat` where a Fortran procedure is called, and where a C function is,
/// moves the pointer or allocatable `cells` itself by the component's place. The array and one
/// element it passes well.
struct View {
  std::int64_t magic;
  void* data;
  std::int64_t elem_len;
  std::int32_t type;
  std::int32_t rank;
  std::int64_t extent[CARDAN_MAX_RANK];
  std::int64_t step[CARDAN_MAX_RANK];
};
/// `first`: the component of the array's first element.
View view_of(const CFI_cdesc_t& array, const CFI_cdesc_t& first);

/// Throws what a call of the C interface says.
void check(cardan_status status);
[[noreturn]] void refuse(const std::string& message);

/// A text without its trailing blanks; empty where it is absent.
std::string text(const CFI_cdesc_t* from);
/// An integer of any kind; `what` is its name in messages.
std::int64_t integer(const CFI_cdesc_t* from, const char* what);
std::int64_t integer_or(const CFI_cdesc_t* from, const char* what, std::int64_t fallback);
std::vector<std::int64_t> integers(const CFI_cdesc_t* from, const char* what);
/// Sets an integer of any kind; of an array, its element `i`.
void set_integer(const CFI_cdesc_t* to, const char* what, std::int64_t value, std::int64_t i = 0);
/// A logical of any kind: every compiler's true has its lowest bit set, and takes 1 for true.
bool logical_or(const CFI_cdesc_t* from, bool fallback);
void set_logical(const CFI_cdesc_t* to, bool value);
/// A communicator as an integer of `use mpi`, which a type(MPI_Comm) begins with.
MPI_Fint communicator(const CFI_cdesc_t* from);
/// Blank-padded, cut where it does not fit; nothing is set that is no text.
void set_text(const CFI_cdesc_t* to, const std::string& value);

[[nodiscard]] bool is_integer(const CFI_cdesc_t& from);
[[nodiscard]] bool is_text(const CFI_cdesc_t& from);

/// An array, or what a view stands for, as the C interface knows it. `global` and `offset` may be
/// absent. `axes` must outlive the result.
cardan_array array_of(const std::string& name, const CFI_cdesc_t* array, const CFI_cdesc_t* global,
                      const CFI_cdesc_t* offset, const CFI_cdesc_t* axes, std::string& named);

}  // namespace cardan::fortran
