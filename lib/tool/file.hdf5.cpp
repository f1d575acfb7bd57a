#include "tool/file.hdf5.hpp"

#include <cardan/config.hpp>
#include <cardan/error.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace cardan::tool {

struct File::Open {
  h5::Quiet quiet;
  OwnFile file;
  std::string name;
  OwnDataset dataset;
};

namespace {

/// Bytes of chunks that HDF5 keeps.
constexpr std::size_t chunk_cache = std::size_t{64} << 20;

/// Throws, with the system's reason, where a file cannot be read at all.
void expect_file(const std::string& path)
{
  struct stat status {};
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const int failed = descriptor < 0 ? errno : 0;
  if (descriptor >= 0) close(descriptor);
  if (failed != 0) throw Error{"cannot read '" + path + "'", std::strerror(failed)};
  if (stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode))
    throw Error{"cannot read '" + path + "'", std::strerror(EISDIR)};
}

/// Selects a block of an array; all of one element.
OwnSpace select(const Block& block, hid_t dataset)
{
  auto space = h5::own<OwnSpace>(H5Dget_space(dataset));
  if (block.start.empty()) return space;
  const std::vector<hsize_t> start(block.start.begin(), block.start.end());
  const std::vector<hsize_t> step(block.step.begin(), block.step.end());
  const std::vector<hsize_t> count(block.count.begin(), block.count.end());
  h5::expect(H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start.data(), step.data(),
                                 count.data(), nullptr));
  return space;
}

OwnSpace dense(std::int64_t count)
{
  const auto size = static_cast<hsize_t>(count);
  return h5::own<OwnSpace>(H5Screate_simple(1, &size, nullptr));
}

}  // namespace

File::File(const std::string& path) : path_(path), open_(std::make_unique<Open>())
{
  expect_file(path);
  // Nothing is written: a file system without locks, or a run that holds one, is no obstacle.
  setenv("HDF5_USE_FILE_LOCKING", "FALSE", 0);
  if (H5Fis_hdf5(path.c_str()) <= 0) throw Error{"'" + path + "' is not an HDF5 file"};
  try {
    open_->file = h5::own<OwnFile>(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT));
    const auto root = h5::own<OwnObject>(H5Oopen(open_->file.get(), "/", H5P_DEFAULT));
    walk(root.get(), entries_);
  } catch (const Error& error) {
    throw DamagedError{"cannot read '" + path + "'", error.what(),
                       "The file is damaged or not whole."};
  }
}

File::~File() = default;
File::File(File&&) noexcept = default;
File& File::operator=(File&&) noexcept = default;

const Entry* File::find(const std::string& path) const
{
  const std::string name = path.substr(std::min(path.find_first_not_of('/'), path.size()));
  for (const auto& entry : entries_)
    if (entry.path == name) return &entry;
  return nullptr;
}

const Entry& File::array(const std::string& path) const
{
  const Entry* found = find(path);
  if (found != nullptr && found->kind == Entry::Kind::array) return *found;
  std::vector<std::string> known;
  for (const auto& entry : entries_)
    if (entry.kind == Entry::Kind::array) known.push_back(entry.path);
  const std::string near = nearest(path, known);
  throw Error{"'" + path_ + "' has no array '" + path + "'",
              found == nullptr ? "" : "it is a " + found->type,
              near.empty() ? "cardan inspect --names lists them." : "Did you mean '" + near + "'?"};
}

void File::open(const Entry& entry) const
{
  if (open_->dataset && open_->name == entry.path) return;
  const auto access = h5::own<OwnProperties>(H5Pcreate(H5P_DATASET_ACCESS));
  h5::expect(H5Pset_chunk_cache(access.get(), 12421, chunk_cache, 1));
  open_->dataset =
      h5::own<OwnDataset>(H5Dopen2(open_->file.get(), entry.path.c_str(), access.get()));
  open_->name = entry.path;
}

void File::read(const Entry& entry, const Block& block, Dtype dtype, void* data) const
{
  if (product(block.count) == 0) return;
  try {
    open(entry);
    const OwnSpace from = select(block, open_->dataset.get());
    const OwnSpace to = dense(product(block.count));
    h5::expect(
        H5Dread(open_->dataset.get(), memory_type(dtype), to.get(), from.get(), H5P_DEFAULT, data));
  } catch (const Error& error) {
    throw Error{"cannot read '" + entry.path + "' of '" + path_ + "'", error.what()};
  }
}

void File::read_bytes(const Entry& entry, const Block& block, void* data) const
{
  if (product(block.count) == 0) return;
  try {
    open(entry);
    const auto type = h5::own<OwnType>(H5Dget_type(open_->dataset.get()));
    const OwnSpace from = select(block, open_->dataset.get());
    const OwnSpace to = dense(product(block.count));
    h5::expect(H5Dread(open_->dataset.get(), type.get(), to.get(), from.get(), H5P_DEFAULT, data));
  } catch (const Error& error) {
    throw Error{"cannot read '" + entry.path + "' of '" + path_ + "'", error.what()};
  }
}

std::vector<std::string> File::read_texts(const Entry& entry, const Block& block) const
{
  const std::int64_t count = product(block.count);
  if (count == 0) return {};
  try {
    open(entry);
    const auto type = h5::own<OwnType>(H5Dget_type(open_->dataset.get()));
    const OwnSpace from = select(block, open_->dataset.get());
    const OwnSpace to = dense(count);
    return tool::read_texts(type.get(), to.get(), count, [&](hid_t as, void* data) {
      h5::expect(H5Dread(open_->dataset.get(), as, to.get(), from.get(), H5P_DEFAULT, data));
    });
  } catch (const Error& error) {
    throw Error{"cannot read '" + entry.path + "' of '" + path_ + "'", error.what()};
  }
}

std::optional<double> File::number(const std::string& path) const
{
  const Entry* entry = find(path);
  if (entry == nullptr || entry->kind != Entry::Kind::array || !entry->dtype ||
      entry->elements() != 1)
    return {};
  double value = 0;
  read(*entry, whole(entry->shape), Dtype::float64, &value);
  return value;
}

std::string File::text(const std::string& path) const
{
  const Entry* entry = find(path);
  if (entry == nullptr || entry->kind != Entry::Kind::array || !entry->text ||
      entry->elements() != 1)
    return {};
  return read_texts(*entry, whole(entry->shape)).front();
}

bool File::fixed(const Entry& entry) const
{
  open(entry);
  const auto type = h5::own<OwnType>(H5Dget_type(open_->dataset.get()));
  return H5Tdetect_class(type.get(), H5T_VLEN) <= 0 && H5Tis_variable_str(type.get()) <= 0 &&
         H5Tdetect_class(type.get(), H5T_REFERENCE) <= 0;
}

}  // namespace cardan::tool
