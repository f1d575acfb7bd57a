#include "checkpoint/reader.hpp"

#include "checkpoint/file.hdf5.hpp"

#include <cardan/error.hpp>

#include <utility>

namespace cardan::checkpoint {

struct Reader::Impl {
  std::string path;
  h5::File file;

  [[noreturn]] void fail(const std::string& name, const std::string& reason) const
  {
    throw Error{"cannot read '" + name + "' of the checkpoint '" + path + "'", reason};
  }
  /// Runs `work`; its error says what was to be read.
  template <class Work>
  auto reading(const std::string& name, Work&& work) const
  {
    const h5::Quiet quiet;
    try {
      return work();
    } catch (const std::exception& error) {
      fail(name, error.what());
    }
  }
  void read(hid_t dataset, hid_t type, const Box& box, void* data) const;
};

namespace {

std::vector<std::int64_t> list(const Extents& extents)
{
  std::vector<std::int64_t> values(static_cast<std::size_t>(extents.rank()));
  for (int i = 0; i < extents.rank(); ++i) values[static_cast<std::size_t>(i)] = extents[i];
  return values;
}

Dtype stored(hid_t dataset)
{
  const auto type = h5::own<h5::Type>(H5Dget_type(dataset));
  const std::size_t bytes = H5Tget_size(type.get());
  if (H5Tget_class(type.get()) == H5T_FLOAT) return bytes == 4 ? Dtype::float32 : Dtype::float64;
  const bool sign = H5Tget_sign(type.get()) == H5T_SGN_2;
  switch (bytes) {
    case 1: return sign ? Dtype::int8 : Dtype::uint8;
    case 2: return sign ? Dtype::int16 : Dtype::uint16;
    case 4: return sign ? Dtype::int32 : Dtype::uint32;
    default: return sign ? Dtype::int64 : Dtype::uint64;
  }
}

}  // namespace

void Reader::Impl::read(hid_t dataset, hid_t type, const Box& box, void* data) const
{
  if (box.empty()) return;
  const h5::Space memory = h5::space(box.count);
  const h5::Space whole = h5::space(box.global);
  if (box.global.rank() > 0) {
    const auto sizes = [](const Extents& extents) {
      std::vector<hsize_t> values(static_cast<std::size_t>(extents.rank()));
      for (int i = 0; i < extents.rank(); ++i)
        values[static_cast<std::size_t>(i)] = static_cast<hsize_t>(extents[i]);
      return values;
    };
    h5::expect(H5Sselect_hyperslab(whole.get(), H5S_SELECT_SET, sizes(box.offset).data(), nullptr,
                                   sizes(box.count).data(), nullptr));
  }
  h5::expect(H5Dread(dataset, type, memory.get(), whole.get(), H5P_DEFAULT, data));
}

Reader::Reader(const std::string& path) : impl_(std::make_unique<Impl>())
{
  const h5::Quiet quiet;
  impl_->path = path;
  impl_->file = open_checkpoint(path);
}

Reader::~Reader() = default;
Reader::Reader(Reader&&) noexcept = default;
Reader& Reader::operator=(Reader&&) noexcept = default;

const std::string& Reader::path() const noexcept
{
  return impl_->path;
}

bool Reader::has(const std::string& name) const
{
  const h5::Quiet quiet;
  return h5::exists(impl_->file.get(), name);
}

std::vector<std::string> Reader::names(const std::string& group) const
{
  return impl_->reading(group, [&] { return names_in(impl_->file.get(), group); });
}

std::vector<std::int64_t> Reader::shape(const std::string& name) const
{
  return impl_->reading(
      name, [&] { return list(h5::shape(h5::open_array(impl_->file.get(), name).get())); });
}

void Reader::read(const std::string& name, const Field& field) const
{
  impl_->reading(name, [&] {
    const h5::Dataset dataset = h5::open_array(impl_->file.get(), name);
    const Extents& shape = field.shape();
    const Box box =
        field.box() ? *field.box() : Box{shape, Extents::filled(shape.rank(), 0), shape};
    const Extents found = h5::shape(dataset.get());
    if (found != box.global)
      throw Error{"its shape is " + to_string(found) + ", expected is " + to_string(box.global)};
    if (field.dense()) {
      impl_->read(dataset.get(), h5::native(field.dtype()), box,
                  box.empty() ? nullptr : field.writable());
      return;
    }
    std::vector<std::byte> dense(
        static_cast<std::size_t>(box.count.product() * size_of(field.dtype())));
    impl_->read(dataset.get(), h5::native(field.dtype()), box, dense.data());
    h5::scatter(dense.data(), field);
  });
}

std::int64_t Reader::integer(const std::string& name) const
{
  std::int64_t value = 0;
  read(name, Field{&value, Extents{}});
  return value;
}

double Reader::number(const std::string& name) const
{
  double value = 0;
  read(name, Field{&value, Extents{}});
  return value;
}

std::string Reader::text(const std::string& name) const
{
  return impl_->reading(name, [&] {
    const auto dataset =
        h5::own<h5::Dataset>(H5Dopen2(impl_->file.get(), name.c_str(), H5P_DEFAULT));
    const auto type = h5::own<h5::Type>(H5Dget_type(dataset.get()));
    if (H5Tget_class(type.get()) != H5T_STRING || H5Tis_variable_str(type.get()) > 0)
      throw Error{"it is no text of fixed length"};
    std::string text(H5Tget_size(type.get()), '\0');
    h5::expect(H5Dread(dataset.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, text.data()));
    // The empty text is a padding byte.
    if (const auto end = text.find('\0'); end != std::string::npos) text.resize(end);
    return text;
  });
}

void Reader::read_rows(const std::string& name, Dtype dtype, std::int64_t first, std::int64_t count,
                       void* data) const
{
  impl_->reading(name, [&] {
    const h5::Dataset dataset = h5::open_array(impl_->file.get(), name);
    Box box;
    box.global = h5::shape(dataset.get());
    if (box.global.rank() == 0) throw Error{"it has no rows"};
    if (first < 0 || count < 0 || first + count > box.global[0])
      throw Error{"it has " + std::to_string(box.global[0]) + " rows, asked is for " +
                  std::to_string(first) + " to " + std::to_string(first + count)};
    box.offset = Extents::filled(box.global.rank(), 0);
    box.offset[0] = first;
    box.count = box.global;
    box.count[0] = count;
    impl_->read(dataset.get(), h5::native(dtype), box, data);
  });
}

State Reader::state(const std::string& group) const
{
  return impl_->reading(group, [&] {
    const hid_t file = impl_->file.get();
    State state;
    const auto take = [&](const auto& self, const std::string& below) -> void {
      for (const auto& each : names_in(file, below.empty() ? group : within(group, below))) {
        const std::string name = within(below, each);
        const std::string full = within(group, name);
        if (is_group(file, full)) {
          self(self, name);
          continue;
        }
        const h5::Dataset dataset = h5::open_array(file, full);
        Box box;
        box.global = box.count = h5::shape(dataset.get());
        box.offset = Extents::filled(box.global.rank(), 0);
        const Dtype dtype = stored(dataset.get());
        std::vector<std::byte> data(
            static_cast<std::size_t>(box.global.product() * size_of(dtype)));
        impl_->read(dataset.get(), h5::native(dtype), box, data.data());
        state.put(name, dtype, list(box.global), data.data());
      }
    };
    take(take, "");
    return state;
  });
}

}  // namespace cardan::checkpoint
