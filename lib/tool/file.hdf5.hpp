/// An HDF5 file as the `cardan` program reads it: what is in it, and its arrays in pieces.
#pragma once

// HDF5 1.12 and later have these calls under several versions.
#define H5_USE_110_API

#include "archive/handle.hdf5.hpp"
#include "tool/entry.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace cardan::tool {

/// Owns an identifier that `Close` releases; there is no MPI to end before it.
template <auto Close>
struct ClosesAlone {
  using type = hid_t;
  static type null() noexcept { return H5I_INVALID_HID; }
  static void release(type id) noexcept { Close(id); }
};
using OwnFile = Handle<ClosesAlone<H5Fclose>>;
using OwnObject = Handle<ClosesAlone<H5Oclose>>;
using OwnDataset = Handle<ClosesAlone<H5Dclose>>;
using OwnSpace = Handle<ClosesAlone<H5Sclose>>;
using OwnType = Handle<ClosesAlone<H5Tclose>>;
using OwnAttribute = Handle<ClosesAlone<H5Aclose>>;
using OwnProperties = Handle<ClosesAlone<H5Pclose>>;

/// HDF5's type for an element in memory; not owned.
hid_t memory_type(Dtype dtype);
/// What an array's or an attribute's type is called, and how its numbers are read; texts have none.
std::string type_name(hid_t type);
std::optional<Dtype> dtype_of(hid_t type);
/// The values of an attribute.
Attribute read_attribute(hid_t object, hsize_t index);
/// The extents of a dataspace; none for a scalar.
std::vector<std::int64_t> extents(hid_t space);
/// Everything below a group, itself included, in `entries`.
void walk(hid_t root, std::vector<Entry>& entries);
/// Texts out of the memory that HDF5 wrote for a text type.
std::vector<std::string> read_texts(hid_t type, hid_t space, std::int64_t count,
                                    const std::function<void(hid_t type, void* data)>& read);

}  // namespace cardan::tool
