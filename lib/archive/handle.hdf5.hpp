/// HDF5 handles with an owner, and HDF5's errors as exceptions.
#pragma once

#include "mpi/comm.hpp"
#include "support/handle.hpp"

#include <hdf5.h>

namespace cardan::h5 {

/// Owns an identifier that `Close` releases. When MPI ends, HDF5 closes what is still open by
/// itself.
template <auto Close>
struct Closes {
  using type = hid_t;
  static type null() noexcept { return H5I_INVALID_HID; }
  static void release(type id) noexcept
  {
    if (mpi::alive()) Close(id);
  }
};
using File = Handle<Closes<H5Fclose>>;
using Dataset = Handle<Closes<H5Dclose>>;
using Space = Handle<Closes<H5Sclose>>;
using Type = Handle<Closes<H5Tclose>>;
using Attribute = Handle<Closes<H5Aclose>>;
using Object = Handle<Closes<H5Oclose>>;
using Properties = Handle<Closes<H5Pclose>>;

/// While it lives, HDF5 prints nothing; then what the program had set holds again.
class Quiet {
 public:
  Quiet();
  ~Quiet();
  Quiet(const Quiet&) = delete;
  Quiet& operator=(const Quiet&) = delete;

 private:
  bool changed_ = false;
  H5E_auto2_t print_ = nullptr;
  void* data_ = nullptr;
};

/// Throws an Error with the innermost description of HDF5's last error where `status` is negative.
void expect(long long status);

/// Owns what an HDF5 call returned; throws as `expect` does where that is none.
template <class Owner>
Owner own(hid_t id)
{
  expect(id);
  return Owner{id};
}

}  // namespace cardan::h5
