#include "archive/dataset.hdf5.hpp"

#include "channel/patch.hpp"

#include <cardan/error.hpp>

#include <array>
#include <string_view>

namespace cardan::h5 {

namespace {

using Sizes = std::array<hsize_t, max_rank>;

Sizes sizes(const Extents& extents)
{
  Sizes values{};
  for (int i = 0; i < extents.rank(); ++i)
    values[static_cast<std::size_t>(i)] = static_cast<hsize_t>(extents[i]);
  return values;
}

/// A transfer that all ranks make together.
Properties collective()
{
  auto transfer = own<Properties>(H5Pcreate(H5P_DATASET_XFER));
  expect(H5Pset_dxpl_mpio(transfer.get(), H5FD_MPIO_COLLECTIVE));
  return transfer;
}

}  // namespace

void expect_name(const std::string& name)
{
  const std::string framed = "/" + name + "/";
  constexpr std::string_view zero("\0", 1);
  for (const auto& bad : {std::string_view("//"), std::string_view("/./"), zero})
    if (framed.find(bad) != std::string::npos)
      throw Error{"'" + name + "' cannot name anything in an HDF5 file",
                  "a name is such as 'a' or 'a/b/c'"};
}

bool exists(hid_t file, const std::string& name)
{
  // H5Lexists fails where a group on the way is missing: each one is asked for.
  for (std::size_t end = name.find('/'); end != std::string::npos; end = name.find('/', end + 1))
    if (H5Lexists(file, name.substr(0, end).c_str(), H5P_DEFAULT) <= 0) return false;
  return H5Lexists(file, name.c_str(), H5P_DEFAULT) > 0;
}

hid_t native(Dtype dtype)
{
  switch (dtype) {
    case Dtype::float32: return H5T_NATIVE_FLOAT;
    case Dtype::float64: return H5T_NATIVE_DOUBLE;
    case Dtype::int32: return H5T_NATIVE_INT32;
    case Dtype::int64: return H5T_NATIVE_INT64;
    case Dtype::int8: return H5T_NATIVE_INT8;
    case Dtype::int16: return H5T_NATIVE_INT16;
    case Dtype::uint8: return H5T_NATIVE_UINT8;
    case Dtype::uint16: return H5T_NATIVE_UINT16;
    case Dtype::uint32: return H5T_NATIVE_UINT32;
    case Dtype::uint64: return H5T_NATIVE_UINT64;
  }
  return H5I_INVALID_HID;
}

Type text_type(std::size_t length)
{
  auto type = own<Type>(H5Tcopy(H5T_C_S1));
  // HDF5 has no text of length 0: the empty one is a padding byte.
  expect(H5Tset_size(type.get(), length == 0 ? 1 : length));
  expect(H5Tset_cset(type.get(), H5T_CSET_UTF8));
  if (length != H5T_VARIABLE) expect(H5Tset_strpad(type.get(), H5T_STR_NULLPAD));
  return type;
}

Space space(const Extents& shape)
{
  if (shape.rank() == 0) return own<Space>(H5Screate(H5S_SCALAR));
  return own<Space>(H5Screate_simple(shape.rank(), sizes(shape).data(), nullptr));
}

Dataset create(hid_t file, const std::string& name, hid_t type, const Extents& shape)
{
  const auto links = own<Properties>(H5Pcreate(H5P_LINK_CREATE));
  expect(H5Pset_create_intermediate_group(links.get(), 1));
  expect(H5Pset_char_encoding(links.get(), H5T_CSET_UTF8));
  const Space whole = space(shape);
  return own<Dataset>(
      H5Dcreate2(file, name.c_str(), type, whole.get(), links.get(), H5P_DEFAULT, H5P_DEFAULT));
}

Dataset open_array(hid_t file, const std::string& name)
{
  if (!exists(file, name)) throw Error{"the file has no array of this name"};
  const auto object = own<Object>(H5Oopen(file, name.c_str(), H5P_DEFAULT));
  if (H5Iget_type(object.get()) != H5I_DATASET) throw Error{"it is a group, not an array"};
  auto dataset = own<Dataset>(H5Dopen2(file, name.c_str(), H5P_DEFAULT));
  const auto type = own<Type>(H5Dget_type(dataset.get()));
  const H5T_class_t kind = H5Tget_class(type.get());
  if (kind != H5T_INTEGER && kind != H5T_FLOAT) throw Error{"its elements are no numbers"};
  return dataset;
}

Extents shape(hid_t dataset)
{
  const auto whole = own<Space>(H5Dget_space(dataset));
  const int rank = H5Sget_simple_extent_ndims(whole.get());
  expect(rank);
  std::vector<hsize_t> dimensions(static_cast<std::size_t>(rank));
  expect(H5Sget_simple_extent_dims(whole.get(), dimensions.data(), nullptr));
  return Extents(std::vector<std::int64_t>(dimensions.begin(), dimensions.end()));
}

Place place(hid_t dataset)
{
  const haddr_t offset = H5Dget_offset(dataset);
  if (offset == HADDR_UNDEF) return {};
  return {static_cast<std::int64_t>(offset),
          static_cast<std::int64_t>(H5Dget_storage_size(dataset))};
}

Transfer::Transfer(const Field& field, const Box& box)
    : field_(field),
      properties_(collective()),
      file_(space(box.global)),
      memory_(space(box.count)),
      nowhere_(box.global.product() == 0)
{
  if (box.empty()) {
    expect(H5Sselect_none(file_.get()));
    expect(H5Sselect_none(memory_.get()));
  } else if (box.global.rank() > 0) {
    expect(H5Sselect_hyperslab(file_.get(), H5S_SELECT_SET, sizes(box.offset).data(), nullptr,
                               sizes(box.count).data(), nullptr));
  }
  if (H5Sselect_valid(file_.get()) <= 0)
    throw Error{"box " + to_string(box) + " does not lie inside its global array"};
  if (!field.dense()) dense_.resize(static_cast<std::size_t>(box.count.product() * element()));
}

void Transfer::write(hid_t dataset)
{
  if (nowhere_) return;
  const void* data = field_.data();
  if (!field_.dense()) {
    channel::copy(channel::patch_of(field_, false), static_cast<const std::byte*>(data),
                  channel::patch_in(field_.shape(), field_.shape(), element()), dense_.data());
    data = dense_.data();
  }
  expect(H5Dwrite(dataset, native(field_.dtype()), memory_.get(), file_.get(), properties_.get(),
                  data));
}

void Transfer::read(hid_t dataset)
{
  if (nowhere_) return;
  void* data = field_.dense() ? field_.writable() : dense_.data();
  expect(H5Dread(dataset, native(field_.dtype()), memory_.get(), file_.get(), properties_.get(),
                 data));
  if (!field_.dense()) scatter(dense_.data(), field_);
}

void scatter(const std::byte* dense, const Field& field)
{
  channel::copy(channel::patch_in(field.shape(), field.shape(), size_of(field.dtype())), dense,
                channel::patch_of(field, false), static_cast<std::byte*>(field.writable()));
}

void write_text(hid_t dataset, const std::string& text, bool mine)
{
  const Properties transfer = collective();
  const Space whole = space({});
  if (!mine) expect(H5Sselect_none(whole.get()));
  const Type type = text_type(text.size());
  // c_str() has the byte that stands for an empty text.
  expect(H5Dwrite(dataset, type.get(), whole.get(), whole.get(), transfer.get(), text.c_str()));
}

}  // namespace cardan::h5
