#include "checkpoint/file.hdf5.hpp"

#include <cardan/error.hpp>

#include <algorithm>
#include <filesystem>

namespace cardan::checkpoint {

namespace {

void write_value(hid_t object, const std::string& key, hid_t type, const void* value)
{
  const auto list = h5::own<h5::Properties>(H5Pcreate(H5P_ATTRIBUTE_CREATE));
  h5::expect(H5Pset_char_encoding(list.get(), H5T_CSET_UTF8));
  const h5::Space scalar = h5::space({});
  const auto attribute = h5::own<h5::Attribute>(
      H5Acreate2(object, key.c_str(), type, scalar.get(), list.get(), H5P_DEFAULT));
  h5::expect(H5Awrite(attribute.get(), type, value));
}

h5::Attribute open_attribute(hid_t object, const std::string& key)
{
  if (H5Aexists(object, key.c_str()) <= 0) throw Error{"it has no attribute '" + key + "'"};
  return h5::own<h5::Attribute>(H5Aopen(object, key.c_str(), H5P_DEFAULT));
}

}  // namespace

h5::Properties access()
{
  auto list = h5::own<h5::Properties>(H5Pcreate(H5P_FILE_ACCESS));
  h5::expect(H5Pset_libver_bounds(list.get(), H5F_LIBVER_V110, H5F_LIBVER_V110));
  // Large arrays begin at pages of the file system.
  h5::expect(H5Pset_alignment(list.get(), 1 << 16, 4096));
  return list;
}

void write_attribute(hid_t object, const std::string& key, const Attribute::second_type& value)
{
  if (const auto* text = std::get_if<std::string>(&value)) {
    const h5::Type type = h5::text_type(text->size());
    write_value(object, key, type.get(), text->c_str());
  } else if (const auto* number = std::get_if<double>(&value)) {
    write_value(object, key, H5T_NATIVE_DOUBLE, number);
  } else {
    write_value(object, key, H5T_NATIVE_INT64, &std::get<std::int64_t>(value));
  }
}

std::string text_attribute(hid_t object, const std::string& key)
{
  const h5::Attribute attribute = open_attribute(object, key);
  const auto type = h5::own<h5::Type>(H5Aget_type(attribute.get()));
  if (H5Tget_class(type.get()) != H5T_STRING || H5Tis_variable_str(type.get()) > 0)
    throw Error{"its attribute '" + key + "' is no text of fixed length"};
  std::string text(H5Tget_size(type.get()), '\0');
  h5::expect(H5Aread(attribute.get(), type.get(), text.data()));
  text.resize(text.find('\0') == std::string::npos ? text.size() : text.find('\0'));
  return text;
}

std::int64_t integer_attribute(hid_t object, const std::string& key)
{
  const h5::Attribute attribute = open_attribute(object, key);
  const auto type = h5::own<h5::Type>(H5Aget_type(attribute.get()));
  if (H5Tget_class(type.get()) != H5T_INTEGER)
    throw Error{"its attribute '" + key + "' is no integer"};
  std::int64_t value = 0;
  h5::expect(H5Aread(attribute.get(), H5T_NATIVE_INT64, &value));
  return value;
}

h5::File open_checkpoint(const std::string& path)
{
  const std::string problem = "cannot read the checkpoint '" + path + "'";
  std::error_code none;
  if (!std::filesystem::exists(path, none)) throw Error{problem, "there is no such file"};
  h5::File file;
  std::int64_t version = 0;
  try {
    const h5::Properties list = access();
    file = h5::own<h5::File>(H5Fopen(path.c_str(), H5F_ACC_RDONLY, list.get()));
    const std::string format = text_attribute(file.get(), "format");
    if (format != format_name) throw Error{"its format is '" + format + "'"};
    version = integer_attribute(file.get(), "version");
  } catch (const std::exception& error) {
    throw Error{problem, error.what(), "Is it a file that [checkpoint] wrote, and whole?"};
  }
  if (version < 1 || version > format_version)
    throw Error{problem, "its format has version " + std::to_string(version),
                "This Cardan knows versions up to " + std::to_string(format_version) + "."};
  return file;
}

std::vector<std::string> names_in(hid_t file, const std::string& group)
{
  const auto object = h5::own<h5::Object>(H5Oopen(file, group.c_str(), H5P_DEFAULT));
  H5G_info_t info{};
  h5::expect(H5Gget_info(object.get(), &info));
  std::vector<std::string> names;
  for (hsize_t i = 0; i < info.nlinks; ++i) {
    const auto name = [&](char* to, std::size_t room) {
      const auto length = H5Lget_name_by_idx(object.get(), ".", H5_INDEX_NAME, H5_ITER_INC, i, to,
                                             room, H5P_DEFAULT);
      h5::expect(length);
      return static_cast<std::size_t>(length);
    };
    std::string text(name(nullptr, 0), '\0');
    name(text.data(), text.size() + 1);
    names.push_back(text);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string within(std::string group, const std::string& name)
{
  if (group.empty()) return name;
  return group.append("/").append(name);
}

bool is_group(hid_t file, const std::string& name)
{
  const auto object = h5::own<h5::Object>(H5Oopen(file, name.c_str(), H5P_DEFAULT));
  return H5Iget_type(object.get()) == H5I_GROUP;
}

}  // namespace cardan::checkpoint
