#include "provenance/replay.hpp"

#include "archive/dataset.hdf5.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <limits>
#include <unordered_map>

namespace cardan::provenance {

namespace {

/// Calls that are read at once.
constexpr std::int64_t piece = 4096;

enum Place : std::size_t {
  step_at,
  call_at,
  rank_at,
  first_row_at,
  rows_at,
  version_at,
  age_at,
  asked_at,
  trusted_at,
  not_ready_at,
  late_at,
  unsure_at,
  outside_at,
  not_a_number_at,
  out_of_range_at,
  places
};
constexpr std::array<const char*, places> names = {
    "step",    "call",      "rank", "first_row", "rows",    "version",      "age_steps",   "asked",
    "trusted", "not_ready", "late", "unsure",    "outside", "not_a_number", "out_of_range"};

/// Reads rows [first, first + count) of an open dataset.
void read_rows(hid_t dataset, hid_t type, std::int64_t first, std::int64_t count, void* to)
{
  if (count == 0) return;
  const Extents whole = h5::shape(dataset);
  std::vector<hsize_t> offset(static_cast<std::size_t>(whole.rank()), 0);
  std::vector<hsize_t> extent(offset.size());
  for (int d = 0; d < whole.rank(); ++d)
    extent[static_cast<std::size_t>(d)] = static_cast<hsize_t>(whole[d]);
  offset[0] = static_cast<hsize_t>(first);
  extent[0] = static_cast<hsize_t>(count);
  hsize_t numbers = 1;
  for (const auto size : extent) numbers *= size;
  const auto in_file = h5::own<h5::Space>(H5Dget_space(dataset));
  h5::expect(H5Sselect_hyperslab(in_file.get(), H5S_SELECT_SET, offset.data(), nullptr,
                                 extent.data(), nullptr));
  const auto in_memory = h5::own<h5::Space>(H5Screate_simple(1, &numbers, nullptr));
  h5::expect(H5Dread(dataset, type, in_memory.get(), in_file.get(), H5P_DEFAULT, to));
}

std::int64_t integer_attribute(hid_t file, const char* key)
{
  const auto attribute = h5::own<h5::Attribute>(H5Aopen(file, key, H5P_DEFAULT));
  std::int64_t value = 0;
  h5::expect(H5Aread(attribute.get(), H5T_NATIVE_INT64, &value));
  return value;
}

std::string text_attribute(hid_t file, const char* key)
{
  const auto attribute = h5::own<h5::Attribute>(H5Aopen(file, key, H5P_DEFAULT));
  const auto type = h5::own<h5::Type>(H5Aget_type(attribute.get()));
  std::string text(H5Tget_size(type.get()), '\0');
  h5::expect(H5Aread(attribute.get(), type.get(), text.data()));
  return text.substr(0, text.find('\0'));
}

}  // namespace

struct Replay::Impl {
  std::string path;
  std::string surrogate;
  std::int64_t rank;
  h5::File file;
  std::int64_t seed = 0;
  std::string run_file;
  std::array<h5::Dataset, places> columns;
  h5::Dataset source;
  mutable std::unordered_map<std::string, h5::Dataset> samples;
  std::unordered_map<std::int64_t, Stamp> versions;

  std::array<std::vector<std::int64_t>, places> buffer;
  std::int64_t calls = 0;
  std::int64_t at = 0;
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::int64_t first_row = 0;
  ReplayedCall call;

  void open(int ranks);
  void read_versions();
  void fill();
  [[nodiscard]] std::int64_t value(Place place) const
  {
    return buffer[place][static_cast<std::size_t>(at - begin)];
  }
  [[nodiscard]] Error bad(const std::string& reason, const std::string& remedy = {}) const
  {
    return Error{"cannot replay '" + path + "'", reason, remedy};
  }
  [[nodiscard]] h5::Dataset dataset(const std::string& name) const
  {
    return h5::open_array(file.get(), surrogate + "/" + name);
  }
};

void Replay::Impl::open(int ranks)
{
  if (!std::filesystem::exists(path)) throw bad("there is no such file");
  file = h5::own<h5::File>(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT));
  if (H5Aexists(file.get(), "format") <= 0 ||
      text_attribute(file.get(), "format") != "cardan-decisions")
    throw bad("it is not a decision log", "Give the decisions.h5 of a run.");
  if (integer_attribute(file.get(), "version") > 1)
    throw bad("a later Cardan wrote it", "Replay it with that one.");
  if (integer_attribute(file.get(), "answers") == 0)
    throw bad("it has no answers",
              "Run with answers = true in [decisions] of the run file to have a log to replay.");
  const std::int64_t theirs = integer_attribute(file.get(), "ranks");
  if (theirs != ranks)
    throw bad(fmt::format("it was written by {} simulation ranks, and these are {}", theirs, ranks),
              fmt::format("Replay it on {}.", theirs));
  if (!h5::exists(file.get(), surrogate + "/calls/step"))
    throw bad("it has no calls of surrogate '" + surrogate + "'");
  seed = integer_attribute(file.get(), "seed");
  run_file = text_attribute(file.get(), "run_file_sha256");
  for (std::size_t c = 0; c < places; ++c) columns[c] = dataset(std::string("calls/") + names[c]);
  calls = h5::shape(columns[0].get())[0];
  if (h5::exists(file.get(), surrogate + "/source")) source = dataset("source");
}

void Replay::Impl::read_versions()
{
  if (!h5::exists(file.get(), surrogate + "/versions/version")) return;
  const auto count = h5::shape(dataset("versions/version").get())[0];
  const auto size = static_cast<std::size_t>(count);
  std::vector<std::int64_t> version(size);
  std::vector<std::int64_t> steps(size);
  std::vector<std::uint64_t> hash(size);
  std::vector<double> loss(size);
  std::vector<double> validation(size);
  const auto read = [&](const char* name, hid_t type, void* to) {
    read_rows(dataset(std::string("versions/") + name).get(), type, 0, count, to);
  };
  read("version", H5T_NATIVE_INT64, version.data());
  read("trained_steps", H5T_NATIVE_INT64, steps.data());
  read("hash", H5T_NATIVE_UINT64, hash.data());
  read("loss", H5T_NATIVE_DOUBLE, loss.data());
  read("validation_loss", H5T_NATIVE_DOUBLE, validation.data());
  for (std::size_t v = 0; v < size; ++v)
    versions[version[v]] = {version[v], 0, loss[v], validation[v], steps[v], hash[v]};
}

void Replay::Impl::fill()
{
  begin = at;
  end = std::min(calls, begin + piece);
  for (std::size_t c = 0; c < places; ++c) {
    buffer[c].resize(static_cast<std::size_t>(end - begin));
    read_rows(columns[c].get(), H5T_NATIVE_INT64, begin, end - begin, buffer[c].data());
  }
}

Replay::Replay(const std::string& path, const std::string& surrogate, int rank, int ranks)
    : impl_(std::make_unique<Impl>())
{
  const h5::Quiet quiet;
  impl_->path = path;
  impl_->surrogate = surrogate;
  impl_->rank = rank;
  try {
    impl_->open(ranks);
    impl_->read_versions();
  } catch (const std::exception& error) {
    const std::string message = error.what();
    if (message.rfind("cannot replay", 0) == 0) throw;
    throw impl_->bad(message, "Is it a whole HDF5 file?");
  }
  impl_->at = -1;
}

Replay::~Replay() = default;

std::int64_t Replay::seed() const noexcept
{
  return impl_->seed;
}

const std::string& Replay::run_file_sha256() const noexcept
{
  return impl_->run_file;
}

void Replay::expect(const std::string& field, Dtype dtype,
                    const std::vector<std::int64_t>& shape) const
{
  const h5::Quiet quiet;
  const std::string name = impl_->surrogate + "/samples/" + field;
  if (!h5::exists(impl_->file.get(), name))
    throw impl_->bad("it has no samples of '" + field + "'");
  const auto dataset = h5::open_array(impl_->file.get(), name);
  const Extents row = h5::shape(dataset.get()).tail();
  if (row != Extents{shape})
    throw impl_->bad(fmt::format("a sample of '{}' is {} in it, and {} here", field, to_string(row),
                                 to_string(Extents{shape})));
  const auto type = h5::own<h5::Type>(H5Dget_type(dataset.get()));
  if (H5Tequal(type.get(), h5::native(dtype)) <= 0)
    throw impl_->bad(fmt::format("'{}' is not {} in it", field, to_string(dtype)));
}

// Records of samples that were only observed are left out.
bool Replay::next()
{
  const h5::Quiet quiet;
  Impl& own = *impl_;
  for (++own.at; own.at < own.calls; ++own.at) {
    if (own.at >= own.end) own.fill();
    if (own.value(rank_at) != own.rank || own.value(call_at) < 0) continue;
    own.call.step = own.value(step_at);
    own.call.rows = own.value(rows_at);
    own.first_row = own.value(first_row_at);
    own.call.counters = {own.value(asked_at),        own.value(trusted_at),
                         own.value(not_ready_at),    own.value(late_at),
                         own.value(unsure_at),       own.value(outside_at),
                         own.value(not_a_number_at), own.value(out_of_range_at)};
    const auto known = own.versions.find(own.value(version_at));
    own.call.stamp = known != own.versions.end() ? known->second : Stamp{};
    if (known == own.versions.end())
      own.call.stamp.loss = own.call.stamp.validation_loss =
          std::numeric_limits<double>::quiet_NaN();
    own.call.stamp.age_steps = own.value(age_at);
    return true;
  }
  return false;
}

const ReplayedCall& Replay::call() const noexcept
{
  return impl_->call;
}

void Replay::origins(std::uint8_t* rows) const
{
  const h5::Quiet quiet;
  read_rows(impl_->source.get(), H5T_NATIVE_UINT8, impl_->first_row, impl_->call.rows, rows);
}

void Replay::read(const std::string& field, Dtype dtype, void* rows) const
{
  const h5::Quiet quiet;
  auto found = impl_->samples.find(field);
  if (found == impl_->samples.end())
    found = impl_->samples.emplace(field, impl_->dataset("samples/" + field)).first;
  read_rows(found->second.get(), h5::native(dtype), impl_->first_row, impl_->call.rows, rows);
}

}  // namespace cardan::provenance
