// All that HDF5 itself writes of a checkpoint; the contents follow without it.

#include "checkpoint/layout.hpp"

#include "checkpoint/file.hdf5.hpp"

#include <cardan/error.hpp>
#include <cardan/version.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace cardan::checkpoint {

namespace {

/// A dataset without filters, whose place in the file is known at once.
h5::Dataset add_array(hid_t file, const std::string& name, hid_t type, const Extents& shape)
{
  const auto links = h5::own<h5::Properties>(H5Pcreate(H5P_LINK_CREATE));
  h5::expect(H5Pset_create_intermediate_group(links.get(), 1));
  h5::expect(H5Pset_char_encoding(links.get(), H5T_CSET_UTF8));
  const auto contents = h5::own<h5::Properties>(H5Pcreate(H5P_DATASET_CREATE));
  h5::expect(H5Pset_alloc_time(contents.get(), H5D_ALLOC_TIME_EARLY));
  h5::expect(H5Pset_fill_time(contents.get(), H5D_FILL_TIME_NEVER));
  const h5::Space whole = h5::space(shape);
  return h5::own<h5::Dataset>(
      H5Dcreate2(file, name.c_str(), type, whole.get(), links.get(), contents.get(), H5P_DEFAULT));
}

void add_attributes(hid_t dataset, const Description& each)
{
  for (const auto& [key, value] : each.attributes) write_attribute(dataset, key, value);
  if (each.storage.error_bound > 0)
    write_attribute(dataset, "error_bound", each.storage.error_bound);
}

Place add(hid_t file, const Description& each)
{
  if (h5::exists(file, each.name)) {
    const auto written = h5::own<h5::Dataset>(H5Dopen2(file, each.name.c_str(), H5P_DEFAULT));
    add_attributes(written.get(), each);
    return {each.name, -1, each.bytes()};
  }
  h5::Dataset dataset;
  if (each.is_text()) {
    const h5::Type type = h5::text_type(static_cast<std::size_t>(each.text_bytes));
    dataset = add_array(file, each.name, type.get(), {});
  } else {
    dataset = add_array(file, each.name, h5::native(each.dtype), each.global);
  }
  add_attributes(dataset.get(), each);
  const auto place = h5::place(dataset.get());
  return {each.name, place.bytes > 0 ? place.offset : -1, each.bytes()};
}

/// Their names, padded to one length: the only array that HDF5 writes the contents of.
void add_names(hid_t file, const std::vector<Description>& descriptions)
{
  std::size_t length = 1;
  for (const auto& each : descriptions) length = std::max(length, each.name.size());
  std::string names;
  for (const auto& each : descriptions)
    names += each.name + std::string(length - each.name.size(), '\0');
  const h5::Dataset dataset = add_array(
      file, checksum_names, H5T_NATIVE_UINT8,
      {static_cast<std::int64_t>(descriptions.size()), static_cast<std::int64_t>(length)});
  h5::expect(
      H5Dwrite(dataset.get(), H5T_NATIVE_UINT8, H5S_ALL, H5S_ALL, H5P_DEFAULT, names.data()));
}

/// Throws unless all contents fit on the disk; a file system that cannot reserve room leaves it at
/// that.
void reserve(const std::string& path, const std::vector<Place>& places)
{
  std::int64_t end = 0;
  for (const auto& place : places)
    if (place.offset >= 0) end = std::max(end, place.offset + place.bytes);
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (descriptor < 0) throw Error{std::strerror(errno)};
  const int failure = end > 0 && ::fallocate(descriptor, 0, 0, end) != 0 ? errno : 0;
  ::close(descriptor);
  if (failure == ENOSPC || failure == EDQUOT || failure == EFBIG)
    throw Error{std::strerror(failure), std::to_string(end) + " bytes are needed"};
}

}  // namespace

std::vector<Place> lay_out(const std::string& path, bool begun,
                           const std::vector<Description>& descriptions, const Facts& facts)
{
  const h5::Quiet quiet;
  std::vector<Place> places;
  {
    const h5::Properties list = access();
    const auto file =
        h5::own<h5::File>(begun ? H5Fopen(path.c_str(), H5F_ACC_RDWR, list.get())
                                : H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, list.get()));
    for (const auto& each : descriptions) places.push_back(add(file.get(), each));
    add_names(file.get(), descriptions);
    const auto count = static_cast<std::int64_t>(descriptions.size());
    const h5::Dataset sums = add_array(file.get(), checksum_values, H5T_NATIVE_UINT64, {count});
    const auto place = h5::place(sums.get());
    places.push_back({checksum_values, place.offset, place.bytes});
    const auto root = h5::own<h5::Object>(H5Oopen(file.get(), "/", H5P_DEFAULT));
    write_attribute(root.get(), "format", std::string(format_name));
    write_attribute(root.get(), "version", format_version);
    write_attribute(root.get(), "cardan", std::string(version));
    write_attribute(root.get(), "created", facts.created);
    write_attribute(root.get(), "sequence", facts.sequence);
    write_attribute(root.get(), "step", facts.step);
    h5::expect(H5Fflush(file.get(), H5F_SCOPE_GLOBAL));
  }
  reserve(path, places);
  return places;
}

}  // namespace cardan::checkpoint
