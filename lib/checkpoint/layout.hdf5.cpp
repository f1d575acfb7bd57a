// All that HDF5 itself writes of a checkpoint; the contents follow without it.

#include "checkpoint/layout.hpp"

#include "checkpoint/file.hdf5.hpp"
#include "checkpoint/room.hpp"

#include <cardan/error.hpp>
#include <cardan/version.hpp>

#include <algorithm>
#include <filesystem>
#include <utility>

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

/// What is still to come into a file with compressed arrays, at most.
std::int64_t room_for(hid_t file, const std::vector<Description>& descriptions)
{
  constexpr std::int64_t beside_each = 1 << 13;  // its description, and the begin at a page
  std::int64_t bytes = 1 << 16;
  for (const auto& each : descriptions)
    bytes += beside_each + (h5::exists(file, each.name) ? 0 : each.bytes());
  return bytes;
}

Place add_sums(hid_t file, std::int64_t count)
{
  const h5::Dataset sums = add_array(file, checksum_values, H5T_NATIVE_UINT64, {count});
  const auto place = h5::place(sums.get());
  return {checksum_values, place.offset, place.bytes};
}

void write_facts(hid_t file, const Facts& facts)
{
  const auto root = h5::own<h5::Object>(H5Oopen(file, "/", H5P_DEFAULT));
  write_attribute(root.get(), "format", std::string(format_name));
  write_attribute(root.get(), "version", format_version);
  write_attribute(root.get(), "cardan", std::string(version));
  write_attribute(root.get(), "created", facts.created);
  write_attribute(root.get(), "sequence", facts.sequence);
  write_attribute(root.get(), "step", facts.step);
}

void reserve_behind(const std::string& path, const std::vector<Description>& descriptions)
{
  std::int64_t bytes = 0;
  {
    const h5::Properties list = access();
    const auto file = h5::own<h5::File>(H5Fopen(path.c_str(), H5F_ACC_RDONLY, list.get()));
    bytes = room_for(file.get(), descriptions);
  }
  reserve(path, static_cast<std::int64_t>(std::filesystem::file_size(path)) + bytes);
}

std::vector<Place> fill(h5::File file, const std::vector<Description>& descriptions,
                        const Facts& facts)
{
  std::vector<Place> places;
  places.reserve(descriptions.size() + 1);
  for (const auto& each : descriptions) places.push_back(add(file.get(), each));
  add_names(file.get(), descriptions);
  places.push_back(add_sums(file.get(), static_cast<std::int64_t>(descriptions.size())));
  write_facts(file.get(), facts);
  h5::expect(H5Fclose(file.leave()));
  return places;
}

}  // namespace

// HDF5 must not meet a full disk: where it cannot flush it cannot close, and HDF5 1.10 then keeps
// an identifier of a file that it has freed, so that the program crashes where it ends.
std::vector<Place> lay_out(const std::string& path, bool begun,
                           const std::vector<Description>& descriptions, const Facts& facts)
{
  const h5::Quiet quiet;
  const h5::Properties list = access();
  if (begun) {
    reserve_behind(path, descriptions);
    auto places = fill(h5::own<h5::File>(H5Fopen(path.c_str(), H5F_ACC_RDWR, list.get())),
                       descriptions, facts);
    give_back(path);
    return places;
  }
  const MemoryFile memory;
  auto file = h5::own<h5::File>(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, list.get()));
  // HDF5 opens no file without a name: it goes on with another one.
  void* descriptor = nullptr;
  h5::expect(H5Fget_vfd_handle(file.get(), H5P_DEFAULT, &descriptor));
  memory.take_place_of(*static_cast<const int*>(descriptor));
  auto places = fill(std::move(file), descriptions, facts);
  memory.copy(path);
  return places;
}

}  // namespace cardan::checkpoint
