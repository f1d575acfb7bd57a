#include <cardan/archive.hpp>

#include "archive/archive_impl.hdf5.hpp"

#include <cstring>
#include <optional>

namespace cardan {

namespace {

using archive::patience;
using archive::quote;

/// What rank 0 holds, on all ranks.
std::string from_root(MPI_Comm comm, const std::string& value)
{
  return mpi::broadcast(comm, value, 0, patience());
}

template <class Number>
Number from_root(MPI_Comm comm, Number value)
{
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  bytes = mpi::broadcast(comm, bytes, 0, patience());
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

/// A series as an array of which rank 0 holds all and the others nothing.
template <class Number>
Field from_root(MPI_Comm comm, std::span<const Number> values)
{
  const auto count = from_root(comm, static_cast<std::int64_t>(values.size()));
  if (mpi::rank(comm) != 0) values = {};
  return Field(values).in({{count}, {0}, {static_cast<std::int64_t>(values.size())}});
}

void write_attribute(hid_t attribute, const std::string& value)
{
  const char* letters = value.c_str();
  h5::expect(H5Awrite(attribute, h5::text_type(H5T_VARIABLE).get(), &letters));
}

template <class Number>
void write_attribute(hid_t attribute, Number value)
{
  h5::expect(H5Awrite(attribute, h5::native(dtype_of<Number>::value), &value));
}

h5::Type stored_type(const std::string&)
{
  return h5::text_type(H5T_VARIABLE);
}

template <class Number>
h5::Type stored_type(Number)
{
  return h5::own<h5::Type>(H5Tcopy(h5::native(dtype_of<Number>::value)));
}

const Box& box_of(const Field& field)
{
  if (!field.box()) throw Error{"its field has no box", "", "Use field.in(box)."};
  return *field.box();
}

}  // namespace

void Archive::Impl::write(const std::string& name, const Field& field, const std::string& verb)
{
  std::optional<h5::Transfer> transfer;
  const std::string shape = field.box() ? " " + to_string(field.box()->global) : "";
  prepare(verb + " " + quote(name) + " as " + to_string(field.dtype()) + shape + " to", [&] {
    expect_new(name);
    transfer.emplace(field, box_of(field));
  });
  const h5::Dataset dataset = make(name, h5::native(field.dtype()), field.box()->global);
  step([&] { transfer->write(dataset.get()); });
}

void Archive::Impl::text(const std::string& name, const std::string& value)
{
  prepare("write text " + quote(name) + " to", [&] { expect_new(name); });
  const std::string same = from_root(comm.get(), value);
  const h5::Dataset dataset = make(name, h5::text_type(same.size()).get(), {});
  step([&] { h5::write_text(dataset.get(), same, rank == 0); });
}

void Archive::Impl::read(const std::string& name, const Field& field)
{
  std::optional<h5::Transfer> transfer;
  prepare("read " + quote(name) + " from", [&] {
    expect_readable(name);
    if (!box_of(field).empty()) (void)field.writable();
    transfer.emplace(field, box_of(field));
  });
  h5::Dataset dataset;
  step([&] { dataset = h5::open_array(file.get(), name); });
  step([&] {
    const Extents stored = h5::shape(dataset.get());
    if (stored != field.box()->global)
      throw Error{"its shape is " + to_string(stored) + " but the box is " +
                  to_string(*field.box())};
  });
  step([&] { transfer->read(dataset.get()); });
}

template <class Value>
void Archive::Impl::attribute(const std::string& object, const std::string& key, const Value& value)
{
  prepare("set attribute " + quote(key) + " of " + quote(object) + " in", [&] {
    expect_open();
    if (mode != Mode::create) throw Error{"the file was opened for reading"};
    if (key.empty()) throw Error{"an attribute needs a name"};
    if (object == "/") return;
    h5::expect_name(object);
    if (!h5::exists(file.get(), object)) throw Error{"the file has nothing of this name"};
  });
  // Attributes are metadata, which all ranks must write alike.
  const Value same = from_root(comm.get(), value);
  step([&] {
    const auto owner = h5::own<h5::Object>(H5Oopen(file.get(), object.c_str(), H5P_DEFAULT));
    if (H5Aexists(owner.get(), key.c_str()) > 0) h5::expect(H5Adelete(owner.get(), key.c_str()));
    const auto list = h5::own<h5::Properties>(H5Pcreate(H5P_ATTRIBUTE_CREATE));
    h5::expect(H5Pset_char_encoding(list.get(), H5T_CSET_UTF8));
    const h5::Type type = stored_type(same);
    const h5::Space scalar = h5::space({});
    const auto attribute = h5::own<h5::Attribute>(
        H5Acreate2(owner.get(), key.c_str(), type.get(), scalar.get(), list.get(), H5P_DEFAULT));
    write_attribute(attribute.get(), same);
  });
}

Archive::Archive(MPI_Comm comm, const std::string& path, Mode mode)
{
  const h5::Quiet quiet;
  impl_ = std::make_unique<Impl>(comm, path, mode);
}

Archive::~Archive() = default;
Archive::Archive(Archive&&) noexcept = default;
Archive& Archive::operator=(Archive&&) noexcept = default;

Archive::Impl& Archive::impl()
{
  if (!impl_) throw Error{"an archive was used after it was moved from"};
  return *impl_;
}

void Archive::write(const std::string& name, const Field& field)
{
  const h5::Quiet quiet;
  impl().write(name, field, "write");
}

void Archive::read(const std::string& name, const Field& field)
{
  const h5::Quiet quiet;
  impl().read(name, field);
}

Extents Archive::shape(const std::string& name)
{
  const h5::Quiet quiet;
  Impl& self = impl();
  self.prepare("tell the shape of " + quote(name) + " in", [&] { self.expect_readable(name); });
  Extents found;
  self.step([&] { found = h5::shape(h5::open_array(self.file.get(), name).get()); });
  return found;
}

bool Archive::has(const std::string& name)
{
  const h5::Quiet quiet;
  Impl& self = impl();
  self.prepare("look for " + quote(name) + " in", [&] { self.expect_readable(name); });
  return h5::exists(self.file.get(), name);
}

void Archive::series(const std::string& name, std::span<const double> values)
{
  const h5::Quiet quiet;
  impl().write(name, from_root(impl().comm.get(), values), "write series");
}

void Archive::series(const std::string& name, std::span<const std::int64_t> values)
{
  const h5::Quiet quiet;
  impl().write(name, from_root(impl().comm.get(), values), "write series");
}

void Archive::text(const std::string& name, const std::string& value)
{
  const h5::Quiet quiet;
  impl().text(name, value);
}

void Archive::attribute(const std::string& object, const std::string& key, const std::string& value)
{
  const h5::Quiet quiet;
  impl().attribute(object, key, value);
}

void Archive::attribute(const std::string& object, const std::string& key, double value)
{
  const h5::Quiet quiet;
  impl().attribute(object, key, value);
}

void Archive::attribute(const std::string& object, const std::string& key, std::int64_t value)
{
  const h5::Quiet quiet;
  impl().attribute(object, key, value);
}

void Archive::close()
{
  const h5::Quiet quiet;
  impl().close();
}

}  // namespace cardan
