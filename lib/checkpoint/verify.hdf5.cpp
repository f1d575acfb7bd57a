#include "checkpoint/verify.hpp"

#include "checkpoint/checksum.hpp"
#include "checkpoint/file.hdf5.hpp"

#include <cardan/error.hpp>

#include <algorithm>
#include <cstddef>
#include <set>

namespace cardan::checkpoint {

namespace {

constexpr std::int64_t piece = 1 << 22;

/// An array or a text, as its checksum sees it.
struct Elements {
  h5::Dataset dataset;
  h5::Type type;
  std::int64_t size = 1;
  Extents shape;
};

Elements open(hid_t file, const std::string& name)
{
  Elements opened;
  opened.dataset = h5::own<h5::Dataset>(H5Dopen2(file, name.c_str(), H5P_DEFAULT));
  opened.type = h5::own<h5::Type>(H5Dget_type(opened.dataset.get()));
  opened.shape = h5::shape(opened.dataset.get());
  const H5T_class_t kind = H5Tget_class(opened.type.get());
  const bool number = kind == H5T_INTEGER || kind == H5T_FLOAT;
  opened.size = static_cast<std::int64_t>(H5Tget_size(opened.type.get()));
  if (!number &&
      (kind != H5T_STRING || opened.shape.rank() > 0 || H5Tis_variable_str(opened.type.get()) > 0))
    throw Error{"its elements are no numbers"};
  if (number && opened.size != 1 && opened.size != 2 && opened.size != 4 && opened.size != 8)
    throw Error{"its elements have " + std::to_string(opened.size) + " bytes"};
  return opened;
}

/// Rows of the first dimension are dealt to the parts, and read some at a time.
std::uint64_t sum_rows(const Elements& array, int part, int parts)
{
  if (array.shape.product() == 0) return 0;
  const bool text = H5Tget_class(array.type.get()) == H5T_STRING;
  if (array.shape.rank() == 0) {
    if (part != 0) return 0;
    std::vector<std::byte> data(static_cast<std::size_t>(array.size));
    h5::expect(
        H5Dread(array.dataset.get(), array.type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, data.data()));
    // An empty text is stored as one byte that is not its own.
    if (text && array.size == 1 && data[0] == std::byte{0}) return 0;
    return text ? checksum(data.data(), 1, 0, array.size) : checksum(data.data(), array.size, 0, 1);
  }
  const std::int64_t row = array.shape.product() / array.shape[0];
  const std::int64_t rows =
      std::max<std::int64_t>(1, piece / std::max<std::int64_t>(1, row * array.size));
  const std::int64_t first = array.shape[0] * part / parts;
  const std::int64_t end = array.shape[0] * (part + 1) / parts;
  std::vector<std::byte> data(
      static_cast<std::size_t>(std::min(rows, end - first) * row * array.size));
  std::uint64_t sum = 0;
  for (std::int64_t begin = first; begin < end; begin += rows) {
    const std::int64_t count = std::min(rows, end - begin);
    std::vector<hsize_t> offset(static_cast<std::size_t>(array.shape.rank()), 0);
    std::vector<hsize_t> extent(offset.size());
    for (int d = 0; d < array.shape.rank(); ++d)
      extent[static_cast<std::size_t>(d)] = static_cast<hsize_t>(array.shape[d]);
    offset[0] = static_cast<hsize_t>(begin);
    extent[0] = static_cast<hsize_t>(count);
    const auto whole = h5::own<h5::Space>(H5Dget_space(array.dataset.get()));
    h5::expect(H5Sselect_hyperslab(whole.get(), H5S_SELECT_SET, offset.data(), nullptr,
                                   extent.data(), nullptr));
    const auto memory =
        h5::own<h5::Space>(H5Screate_simple(array.shape.rank(), extent.data(), nullptr));
    h5::expect(H5Dread(array.dataset.get(), array.type.get(), memory.get(), whole.get(),
                       H5P_DEFAULT, data.data()));
    sum += checksum(data.data(), array.size, begin * row, count * row);
  }
  return sum;
}

template <class Number>
std::vector<Number> read_all(hid_t file, const char* name, hid_t type, Extents& shape)
{
  const h5::Dataset dataset = h5::open_array(file, name);
  shape = h5::shape(dataset.get());
  constexpr std::int64_t most = 1 << 28;
  if (shape.rank() == 0 || shape.product() > most) throw Error{"its checksums make no sense"};
  std::vector<Number> values(static_cast<std::size_t>(shape.product()));
  if (!values.empty())
    h5::expect(H5Dread(dataset.get(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()));
  return values;
}

std::vector<Sum> stated_sums(hid_t file)
{
  Extents letters;
  Extents count;
  const auto names = read_all<char>(file, checksum_names, H5T_NATIVE_CHAR, letters);
  const auto values = read_all<std::uint64_t>(file, checksum_values, H5T_NATIVE_UINT64, count);
  if (letters.rank() != 2 || count.rank() != 1 || letters[0] != count[0])
    throw Error{"its checksums make no sense"};
  std::vector<Sum> sums;
  for (std::int64_t i = 0; i < count[0]; ++i) {
    std::string name(names.data() + i * letters[1], static_cast<std::size_t>(letters[1]));
    if (const auto end = name.find('\0'); end != std::string::npos) name.resize(end);
    sums.push_back({name, values[static_cast<std::size_t>(i)], 0});
  }
  return sums;
}

/// Throws where an array below a group has no checksum.
void expect_known(hid_t file, const std::string& group, const std::set<std::string>& known,
                  int depth = 0)
{
  constexpr int deepest = 32;
  if (depth > deepest) throw Error{"its groups are nested too deep"};
  for (const auto& each : names_in(file, group.empty() ? "/" : group)) {
    const std::string name = within(group, each);
    if (is_group(file, name))
      expect_known(file, name, known, depth + 1);
    else if (name != checksum_names && name != checksum_values && known.count(name) == 0)
      throw Error{"'" + name + "' has no checksum"};
  }
}

}  // namespace

std::vector<Sum> sum_up(const std::string& path, int part, int parts)
{
  const h5::Quiet quiet;
  const h5::File file = open_checkpoint(path);
  std::vector<Sum> sums;
  std::string at;
  try {
    sums = stated_sums(file.get());
    std::set<std::string> known;
    for (const auto& sum : sums) known.insert(sum.name);
    expect_known(file.get(), "", known);
    for (auto& sum : sums) {
      at = "'" + sum.name + "' of ";
      sum.found = sum_rows(open(file.get(), sum.name), part, parts);
    }
  } catch (const std::exception& error) {
    throw Error{"cannot read " + at + "the checkpoint '" + path + "'", error.what()};
  }
  return sums;
}

}  // namespace cardan::checkpoint
