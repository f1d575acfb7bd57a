// A checkpoint's file as what a Reader reads.

#include "checkpoint/reader.hpp"
#include "checkpoint/file.hdf5.hpp"
#include "checkpoint/source.hpp"

#include <cardan/error.hpp>

#include <memory>

namespace cardan::checkpoint {

namespace {

class FileSource : public Source {
 public:
  explicit FileSource(const std::string& path) : path_(path)
  {
    const h5::Quiet quiet;
    file_ = open_checkpoint(path);
  }

  [[nodiscard]] const std::string& path() const noexcept override { return path_; }

  [[nodiscard]] bool has(const std::string& name) const override
  {
    const h5::Quiet quiet;
    return h5::exists(file_.get(), name);
  }

  [[nodiscard]] bool is_group(const std::string& name) const override
  {
    const h5::Quiet quiet;
    return checkpoint::is_group(file_.get(), name);
  }

  [[nodiscard]] std::vector<std::string> names(const std::string& group) const override
  {
    const h5::Quiet quiet;
    return names_in(file_.get(), group);
  }

  [[nodiscard]] Extents shape(const std::string& name) const override
  {
    const h5::Quiet quiet;
    return h5::shape(h5::open_array(file_.get(), name).get());
  }

  [[nodiscard]] Dtype stored(const std::string& name) const override
  {
    const h5::Quiet quiet;
    const h5::Dataset dataset = h5::open_array(file_.get(), name);
    const auto type = h5::own<h5::Type>(H5Dget_type(dataset.get()));
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

  void read(const std::string& name, Dtype dtype, const Box& box, void* data) const override
  {
    const h5::Quiet quiet;
    const h5::Dataset dataset = h5::open_array(file_.get(), name);
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
    h5::expect(
        H5Dread(dataset.get(), h5::native(dtype), memory.get(), whole.get(), H5P_DEFAULT, data));
  }

  [[nodiscard]] std::string text(const std::string& name) const override
  {
    const h5::Quiet quiet;
    const auto dataset = h5::own<h5::Dataset>(H5Dopen2(file_.get(), name.c_str(), H5P_DEFAULT));
    const auto type = h5::own<h5::Type>(H5Dget_type(dataset.get()));
    if (H5Tget_class(type.get()) != H5T_STRING || H5Tis_variable_str(type.get()) > 0)
      throw Error{"it is no text of fixed length"};
    std::string text(H5Tget_size(type.get()), '\0');
    h5::expect(H5Dread(dataset.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, text.data()));
    // The empty text is a padding byte.
    if (const auto end = text.find('\0'); end != std::string::npos) text.resize(end);
    return text;
  }

 private:
  std::string path_;
  h5::File file_;
};

}  // namespace

Reader::Reader(const std::string& path) : source_(std::make_unique<FileSource>(path)) {}

}  // namespace cardan::checkpoint
