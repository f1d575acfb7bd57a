#include "archive/recording.hpp"

#include "archive/dataset.hdf5.hpp"

#include <cardan/error.hpp>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <utility>

namespace cardan {

namespace {

std::string within(const std::string& group, const std::string& name)
{
  return group.empty() ? name : group + "/" + name;
}

h5::File open_file(const std::string& path)
{
  if (!std::filesystem::exists(path))
    throw Error{"cannot read '" + path + "'", "there is no such file",
                "A run's file has this name once the run has ended."};
  try {
    return h5::own<h5::File>(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT));
  } catch (const std::exception& error) {
    throw Error{"cannot read '" + path + "'", error.what(), "Is it an HDF5 file?"};
  }
}

[[noreturn]] void fail(const std::string& path, const std::string& name, const std::string& reason,
                       const std::string& remedy = {})
{
  throw Error{"cannot read '" + name + "' of '" + path + "'", reason, remedy};
}

h5::Dataset open_dataset(hid_t file, const std::string& path, const std::string& name)
{
  try {
    h5::expect_name(name);
    return h5::open_array(file, name);
  } catch (const std::exception& error) {
    fail(path, name, error.what(),
         "Do the surrogate's inputs and outputs, and the group, name it?");
  }
}

Dtype integer_type(std::size_t bytes, bool is_signed)
{
  switch (bytes) {
    case 1: return is_signed ? Dtype::int8 : Dtype::uint8;
    case 2: return is_signed ? Dtype::int16 : Dtype::uint16;
    case 4: return is_signed ? Dtype::int32 : Dtype::uint32;
    default: return is_signed ? Dtype::int64 : Dtype::uint64;
  }
}

/// The dtype that holds what a dataset does.
Dtype stored_dtype(hid_t dataset)
{
  const auto type = h5::own<h5::Type>(H5Dget_type(dataset));
  const std::size_t bytes = H5Tget_size(type.get());
  if (H5Tget_class(type.get()) == H5T_FLOAT) return bytes <= 4 ? Dtype::float32 : Dtype::float64;
  return integer_type(bytes, H5Tget_sign(type.get()) == H5T_SGN_2);
}

bool is_float(Dtype dtype)
{
  return dtype == Dtype::float32 || dtype == Dtype::float64;
}

/// `(steps, samples, 3) or (samples, 3)`
std::string expected_shapes(const std::vector<std::int64_t>& shape)
{
  std::string tail;
  for (const auto extent : shape) tail += ", " + std::to_string(extent);
  return "(samples" + tail + ") or (steps, samples" + tail + ")";
}

/// A dataset, and the dimensions that count samples.
struct Source {
  h5::Dataset dataset;
  std::vector<hsize_t> leading;
  std::vector<hsize_t> sample;
  std::int64_t bytes;
  hid_t type;
};

hsize_t product(const std::vector<hsize_t>& extents, std::size_t from = 0)
{
  hsize_t value = 1;
  for (std::size_t i = from; i < extents.size(); ++i) value *= extents[i];
  return value;
}

Source open_source(hid_t file, const std::string& path, const std::string& name,
                   const Feature& feature)
{
  Source source{open_dataset(file, path, name), {}, {}, feature.bytes(), h5::native(feature.dtype)};
  const Extents stored = h5::shape(source.dataset.get());
  const auto own = static_cast<int>(feature.shape.size());
  const int leading = stored.rank() - own;
  bool fits = leading >= 1;
  for (int i = 0; fits && i < own; ++i)
    fits = stored[leading + i] == feature.shape[static_cast<std::size_t>(i)];
  if (!fits)
    fail(path, name,
         "its shape is " + to_string(stored) + ", expected is " + expected_shapes(feature.shape));
  for (int i = 0; i < stored.rank(); ++i)
    (i < leading ? source.leading : source.sample).push_back(static_cast<hsize_t>(stored[i]));
  const Dtype dtype = stored_dtype(source.dataset.get());
  if (is_float(dtype) && !is_float(feature.dtype))
    fail(path, name,
         std::string("it holds ") + to_string(dtype) + ", expected is " + to_string(feature.dtype),
         "Digits behind the point would be lost.");
  return source;
}

/// Reads one block: indices `at` in the dimensions before `dimension`, there [first, first +
/// count), and all behind.
void read_block(const Source& source, const std::vector<hsize_t>& at, hsize_t first, hsize_t count,
                std::byte* to)
{
  std::vector<hsize_t> offset = at;
  std::vector<hsize_t> extent(at.size(), 1);
  offset.push_back(first);
  extent.push_back(count);
  for (std::size_t i = offset.size(); i < source.leading.size(); ++i) {
    offset.push_back(0);
    extent.push_back(source.leading[i]);
  }
  for (const hsize_t size : source.sample) {
    offset.push_back(0);
    extent.push_back(size);
  }
  const auto in_file = h5::own<h5::Space>(H5Dget_space(source.dataset.get()));
  h5::expect(H5Sselect_hyperslab(in_file.get(), H5S_SELECT_SET, offset.data(), nullptr,
                                 extent.data(), nullptr));
  const hsize_t numbers = product(extent);
  const auto in_memory = h5::own<h5::Space>(H5Screate_simple(1, &numbers, nullptr));
  h5::expect(
      H5Dread(source.dataset.get(), source.type, in_memory.get(), in_file.get(), H5P_DEFAULT, to));
}

/// Samples that follow each other are at most one block, and in each dimension before the last one
/// a piece before it and one behind: the ends of a step that was begun.
void read_range(const Source& source, const std::vector<hsize_t>& at, hsize_t first, hsize_t count,
                std::byte* to)
{
  const hsize_t inner = product(source.leading, at.size() + 1);
  const auto descend = [&](hsize_t index, hsize_t begin, hsize_t length) {
    std::vector<hsize_t> below = at;
    below.push_back(index);
    read_range(source, below, begin, length, to);
    to += static_cast<hsize_t>(source.bytes) * length;
    first += length;
    count -= length;
  };
  if (first % inner != 0)
    descend(first / inner, first % inner, std::min(count, inner - first % inner));
  if (const hsize_t whole = count / inner; whole > 0) {
    read_block(source, at, first / inner, whole, to);
    to += static_cast<hsize_t>(source.bytes) * whole * inner;
    first += whole * inner;
    count -= whole * inner;
  }
  if (count > 0) descend(first / inner, 0, count);
}

}  // namespace

struct Recording::Impl {
  std::string path;
  h5::File file;
  std::vector<std::string> names;
  std::vector<Source> sources;
};

Recording::Recording(const std::string& path, const std::string& group, const Features& features)
    : impl_(std::make_unique<Impl>())
{
  const h5::Quiet quiet;
  impl_->path = path;
  impl_->file = open_file(path);
  for (const auto& feature : features) {
    const std::string name = within(group, feature.name);
    impl_->names.push_back(name);
    impl_->sources.push_back(open_source(impl_->file.get(), path, name, feature));
    const Source& first = impl_->sources.front();
    const Source& last = impl_->sources.back();
    if (last.leading == first.leading) continue;
    const auto counted = [](const Source& source) {
      return to_string(
          Extents(std::vector<std::int64_t>(source.leading.begin(), source.leading.end())));
    };
    fail(path, name,
         "its dimensions before a sample's are " + counted(last) + ", those of '" +
             impl_->names.front() + "' are " + counted(first),
         "Inputs and outputs have the same steps and samples.");
  }
  if (impl_->sources.empty())
    throw Error{"nothing to read from '" + path + "'", "no feature is named"};
}

Recording::~Recording() = default;
Recording::Recording(Recording&&) noexcept = default;
Recording& Recording::operator=(Recording&&) noexcept = default;

std::int64_t Recording::samples() const noexcept
{
  return static_cast<std::int64_t>(product(impl_->sources.front().leading));
}

std::int64_t Recording::samples_per_step() const noexcept
{
  const auto& leading = impl_->sources.front().leading;
  return static_cast<std::int64_t>(product(leading, leading.size() > 1 ? 1 : 0));
}

void Recording::read(std::int64_t first, std::int64_t count, std::byte* const* columns) const
{
  const h5::Quiet quiet;
  if (count == 0) return;
  if (first < 0 || count < 0 || first + count > samples())
    throw Error{"cannot read samples " + std::to_string(first) + " to " +
                    std::to_string(first + count) + " of '" + impl_->path + "'",
                "it has " + std::to_string(samples())};
  for (std::size_t f = 0; f < impl_->sources.size(); ++f) {
    try {
      read_range(impl_->sources[f], {}, static_cast<hsize_t>(first), static_cast<hsize_t>(count),
                 columns[f]);
    } catch (const std::exception& error) {
      fail(impl_->path, impl_->names[f], error.what());
    }
  }
}

Features Recording::features(const std::string& path, const std::string& group,
                             const std::vector<std::string>& names, int leading)
{
  const h5::Quiet quiet;
  const h5::File file = open_file(path);
  Features found;
  for (const auto& name : names) {
    const h5::Dataset dataset = open_dataset(file.get(), path, within(group, name));
    const Extents stored = h5::shape(dataset.get());
    if (stored.rank() < leading)
      fail(path, within(group, name),
           "its shape is " + to_string(stored) + ", and " + std::to_string(leading) +
               " dimension(s) stand before a sample's");
    Feature feature{name, stored_dtype(dataset.get()), {}};
    for (int i = leading; i < stored.rank(); ++i) feature.shape.push_back(stored[i]);
    found.push_back(feature);
  }
  return found;
}

std::string Recording::judged(const std::string& path, const std::string& group)
{
  const h5::Quiet quiet;
  const h5::File file = open_file(path);
  const std::size_t slash = group.rfind('/');
  const std::string above = slash == std::string::npos ? "" : group.substr(0, slash);
  const bool log = H5Aexists(file.get(), "format") > 0 && !above.empty() &&
                   group.substr(slash + 1) == "samples" &&
                   h5::exists(file.get(), above + "/source");
  return log ? above : "";
}

}  // namespace cardan
