#include "tool/file.hdf5.hpp"

#include <algorithm>
#include <cstring>

namespace cardan::tool {

namespace {

/// Values of an attribute that are kept; damaged files may have any number.
constexpr std::int64_t most_values = 4096;

std::optional<Dtype> integer(bool has_sign, std::size_t size)
{
  switch (size) {
    case 1: return has_sign ? Dtype::int8 : Dtype::uint8;
    case 2: return has_sign ? Dtype::int16 : Dtype::uint16;
    case 4: return has_sign ? Dtype::int32 : Dtype::uint32;
    case 8: return has_sign ? Dtype::int64 : Dtype::uint64;
    default: return {};
  }
}

bool is_bool(hid_t type)
{
  if (H5Tget_nmembers(type) != 2 || H5Tget_size(type) != 1) return false;
  char* name = H5Tget_member_name(type, 0);
  const bool yes = name != nullptr && std::strcmp(name, "FALSE") == 0;
  H5free_memory(name);
  return yes;
}

std::string with_order(hid_t type, const std::string& name)
{
  return H5Tget_size(type) > 1 && H5Tget_order(type) == H5T_ORDER_BE ? name + " BE" : name;
}

}  // namespace

hid_t memory_type(Dtype dtype)
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

std::optional<Dtype> dtype_of(hid_t type)
{
  switch (H5Tget_class(type)) {
    case H5T_FLOAT: return H5Tget_size(type) <= 4 ? Dtype::float32 : Dtype::float64;
    case H5T_INTEGER: return integer(H5Tget_sign(type) != H5T_SGN_NONE, H5Tget_size(type));
    case H5T_ENUM: {
      const auto base = h5::own<OwnType>(H5Tget_super(type));
      return integer(H5Tget_sign(base.get()) != H5T_SGN_NONE, H5Tget_size(base.get()));
    }
    default: return {};
  }
}

std::string type_name(hid_t type)
{
  const std::size_t size = H5Tget_size(type);
  const std::string bits = std::to_string(8 * size);
  switch (H5Tget_class(type)) {
    case H5T_FLOAT: return with_order(type, "float" + bits);
    case H5T_INTEGER:
      return with_order(type, (H5Tget_sign(type) == H5T_SGN_NONE ? "uint" : "int") + bits);
    case H5T_ENUM: return is_bool(type) ? "bool" : "enum";
    case H5T_STRING:
      return H5Tis_variable_str(type) > 0 ? "text" : "text(" + std::to_string(size) + ")";
    case H5T_COMPOUND: return "compound";
    case H5T_REFERENCE: return "reference";
    case H5T_VLEN: return "varying";
    case H5T_ARRAY: return "array";
    case H5T_BITFIELD: return "bits";
    case H5T_OPAQUE: return "opaque";
    default: return "other";
  }
}

std::vector<std::int64_t> extents(hid_t space)
{
  if (H5Sget_simple_extent_type(space) == H5S_NULL) return {0};
  const int rank = H5Sget_simple_extent_ndims(space);
  h5::expect(rank);
  std::vector<hsize_t> sizes(static_cast<std::size_t>(rank));
  h5::expect(H5Sget_simple_extent_dims(space, sizes.data(), nullptr));
  return {sizes.begin(), sizes.end()};
}

std::vector<std::string> read_texts(hid_t type, hid_t space, std::int64_t count,
                                    const std::function<void(hid_t, void*)>& read)
{
  std::vector<std::string> texts;
  if (H5Tis_variable_str(type) > 0) {
    std::vector<char*> words(static_cast<std::size_t>(count), nullptr);
    const auto memory = h5::own<OwnType>(H5Tcopy(type));
    read(memory.get(), words.data());
    for (const char* word : words) texts.emplace_back(word == nullptr ? "" : word);
    H5Dvlen_reclaim(memory.get(), space, H5P_DEFAULT, words.data());
    return texts;
  }
  const std::size_t size = H5Tget_size(type);
  std::vector<char> bytes(size * static_cast<std::size_t>(count));
  read(type, bytes.data());
  const bool spaces = H5Tget_strpad(type) == H5T_STR_SPACEPAD;
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    std::string text(bytes.data() + i * size, size);
    text.resize(std::min(text.find('\0'), text.size()));
    if (spaces) text.resize(text.find_last_not_of(' ') + 1);
    texts.push_back(std::move(text));
  }
  return texts;
}

Attribute read_attribute(hid_t object, hsize_t index)
{
  const auto attribute = h5::own<OwnAttribute>(
      H5Aopen_by_idx(object, ".", H5_INDEX_NAME, H5_ITER_INC, index, H5P_DEFAULT, H5P_DEFAULT));
  Attribute result;
  const ssize_t length = H5Aget_name(attribute.get(), 0, nullptr);
  h5::expect(length);
  result.name.resize(static_cast<std::size_t>(length));
  h5::expect(H5Aget_name(attribute.get(), result.name.size() + 1, result.name.data()));
  const auto type = h5::own<OwnType>(H5Aget_type(attribute.get()));
  const auto space = h5::own<OwnSpace>(H5Aget_space(attribute.get()));
  const auto shape = extents(space.get());
  const std::int64_t count = product(shape);
  result.single = shape.empty();
  result.type = type_name(type.get());
  const auto dtype = dtype_of(type.get());
  if (count < 0 || count > most_values || (!dtype && H5Tget_class(type.get()) != H5T_STRING)) {
    result.values = std::vector<std::string>{"(" + result.type + ")"};
    return result;
  }
  const auto amount = static_cast<std::size_t>(count);
  if (!dtype) {
    result.values = count == 0
                        ? std::vector<std::string>{}
                        : read_texts(type.get(), space.get(), count, [&](hid_t as, void* to) {
                            h5::expect(H5Aread(attribute.get(), as, to));
                          });
  } else if (*dtype == Dtype::float32 || *dtype == Dtype::float64 || *dtype == Dtype::uint64) {
    std::vector<double> numbers(amount);
    if (count > 0) h5::expect(H5Aread(attribute.get(), H5T_NATIVE_DOUBLE, numbers.data()));
    result.values = numbers;
  } else {
    std::vector<std::int64_t> numbers(amount);
    if (count > 0) h5::expect(H5Aread(attribute.get(), H5T_NATIVE_INT64, numbers.data()));
    result.values = numbers;
  }
  return result;
}

}  // namespace cardan::tool
