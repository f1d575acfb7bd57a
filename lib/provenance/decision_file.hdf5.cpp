#include "provenance/decision_file.hpp"

#include "archive/dataset.hdf5.hpp"
#include "mpi/comm.hpp"

#include <cardan/error.hpp>

#include <algorithm>

namespace cardan::provenance {

namespace {

/// Bytes of a chunk of what grows: few enough that a short log is small.
constexpr std::int64_t chunk_bytes = 1 << 16;

Dtype dtype_of_column(Column::Type type)
{
  switch (type) {
    case Column::Type::integer: return Dtype::int64;
    case Column::Type::number: return Dtype::float64;
    case Column::Type::hash: return Dtype::uint64;
  }
  return Dtype::int64;
}

}  // namespace

struct DecisionFile::Impl {
  MPI_Comm comm;
  h5::Properties transfer;
  h5::File file;

  h5::Dataset make(const std::string& name, hid_t type, std::vector<hsize_t> extent,
                   std::int64_t row_bytes) const;
};

DecisionFile::DecisionFile(MPI_Comm comm, const std::string& path, Mode mode)
    : impl_(std::make_unique<Impl>())
{
  const h5::Quiet quiet;
  impl_->comm = comm;
  const auto access = h5::own<h5::Properties>(H5Pcreate(H5P_FILE_ACCESS));
  h5::expect(H5Pset_fapl_mpio(access.get(), comm, MPI_INFO_NULL));
  h5::expect(H5Pset_all_coll_metadata_ops(access.get(), true));
  h5::expect(H5Pset_coll_metadata_write(access.get(), true));
  h5::expect(H5Pset_libver_bounds(access.get(), H5F_LIBVER_V110, H5F_LIBVER_V110));
  impl_->transfer = h5::own<h5::Properties>(H5Pcreate(H5P_DATASET_XFER));
  h5::expect(H5Pset_dxpl_mpio(impl_->transfer.get(), H5FD_MPIO_COLLECTIVE));
  impl_->file = h5::own<h5::File>(
      mode == Mode::create ? H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access.get())
                           : H5Fopen(path.c_str(), H5F_ACC_RDWR, access.get()));
}

DecisionFile::~DecisionFile()
{
  const h5::Quiet quiet;
  impl_.reset();
}

void DecisionFile::attribute(const std::string& key, const std::string& value)
{
  const h5::Quiet quiet;
  const auto type = h5::text_type(value.size());
  const auto space = h5::space({});
  const auto attribute = h5::own<h5::Attribute>(H5Acreate2(
      impl_->file.get(), key.c_str(), type.get(), space.get(), H5P_DEFAULT, H5P_DEFAULT));
  h5::expect(H5Awrite(attribute.get(), type.get(), value.c_str()));
}

void DecisionFile::attribute(const std::string& key, std::int64_t value)
{
  const h5::Quiet quiet;
  const auto space = h5::space({});
  const auto attribute = h5::own<h5::Attribute>(H5Acreate2(
      impl_->file.get(), key.c_str(), H5T_NATIVE_INT64, space.get(), H5P_DEFAULT, H5P_DEFAULT));
  h5::expect(H5Awrite(attribute.get(), H5T_NATIVE_INT64, &value));
}

std::int64_t DecisionFile::rows(const std::string& name) const
{
  const h5::Quiet quiet;
  if (!h5::exists(impl_->file.get(), name)) return 0;
  const auto dataset = h5::open_array(impl_->file.get(), name);
  return h5::shape(dataset.get())[0];
}

h5::Dataset DecisionFile::Impl::make(const std::string& name, hid_t type,
                                     std::vector<hsize_t> extent, std::int64_t row_bytes) const
{
  const auto links = h5::own<h5::Properties>(H5Pcreate(H5P_LINK_CREATE));
  h5::expect(H5Pset_create_intermediate_group(links.get(), 1));
  std::vector<hsize_t> most = extent;
  most[0] = H5S_UNLIMITED;
  const auto rank = static_cast<int>(extent.size());
  const auto space = h5::own<h5::Space>(H5Screate_simple(rank, extent.data(), most.data()));
  const auto creation = h5::own<h5::Properties>(H5Pcreate(H5P_DATASET_CREATE));
  for (auto& size : extent) size = std::max<hsize_t>(size, 1);
  extent[0] = static_cast<hsize_t>(
      std::max<std::int64_t>(1, chunk_bytes / std::max<std::int64_t>(1, row_bytes)));
  h5::expect(H5Pset_chunk(creation.get(), rank, extent.data()));
  // All of it is written anyway.
  h5::expect(H5Pset_fill_time(creation.get(), H5D_FILL_TIME_NEVER));
  return h5::own<h5::Dataset>(H5Dcreate2(file.get(), name.c_str(), type, space.get(), links.get(),
                                         creation.get(), H5P_DEFAULT));
}

void DecisionFile::append(const std::string& name, Dtype dtype,
                          const std::vector<std::int64_t>& shape, std::int64_t count,
                          const void* data, std::int64_t stride)
{
  const h5::Quiet quiet;
  std::int64_t before = 0;
  std::int64_t all = 0;
  mpi::check(MPI_Exscan(&count, &before, 1, MPI_INT64_T, MPI_SUM, impl_->comm), "MPI_Exscan");
  mpi::check(MPI_Allreduce(&count, &all, 1, MPI_INT64_T, MPI_SUM, impl_->comm), "MPI_Allreduce");
  if (mpi::rank(impl_->comm) == 0) before = 0;
  if (all == 0) return;

  std::vector<hsize_t> extent{0};
  hsize_t numbers = 1;
  for (const auto size : shape) {
    extent.push_back(static_cast<hsize_t>(size));
    numbers *= static_cast<hsize_t>(size);
  }
  const hid_t type = h5::native(dtype);
  const std::int64_t old = rows(name);
  const std::int64_t rows_then = old + all;
  const std::int64_t begin = old + before;
  extent[0] = static_cast<hsize_t>(rows_then);
  const h5::Dataset dataset =
      h5::exists(impl_->file.get(), name)
          ? h5::open_array(impl_->file.get(), name)
          : impl_->make(name, type, extent, static_cast<std::int64_t>(numbers) * size_of(dtype));
  if (old > 0) h5::expect(H5Dset_extent(dataset.get(), extent.data()));

  const auto in_file = h5::own<h5::Space>(H5Dget_space(dataset.get()));
  std::vector<hsize_t> offset(extent.size(), 0);
  offset[0] = static_cast<hsize_t>(begin);
  extent[0] = static_cast<hsize_t>(count);
  const hsize_t elements = numbers * static_cast<hsize_t>(count * stride);
  const hsize_t held = std::max<hsize_t>(elements, 1);
  const auto in_memory = h5::own<h5::Space>(H5Screate_simple(1, &held, nullptr));
  if (elements == 0) {
    h5::expect(H5Sselect_none(in_file.get()));
    h5::expect(H5Sselect_none(in_memory.get()));
  } else {
    h5::expect(H5Sselect_hyperslab(in_file.get(), H5S_SELECT_SET, offset.data(), nullptr,
                                   extent.data(), nullptr));
    const hsize_t first = 0;
    const auto step = static_cast<hsize_t>(stride);
    const hsize_t picked = numbers * static_cast<hsize_t>(count);
    h5::expect(
        H5Sselect_hyperslab(in_memory.get(), H5S_SELECT_SET, &first, &step, &picked, nullptr));
  }
  h5::expect(
      H5Dwrite(dataset.get(), type, in_memory.get(), in_file.get(), impl_->transfer.get(), data));
}

void DecisionFile::append(const std::string& group, const Table& table)
{
  const auto width = static_cast<std::int64_t>(table.columns().size());
  for (std::size_t c = 0; c < table.columns().size(); ++c) {
    const Column& column = table.columns()[c];
    append(group + "/" + column.name, dtype_of_column(column.type), {}, table.rows(),
           table.words().data() + (table.rows() > 0 ? c : 0), width);
  }
}

void DecisionFile::close()
{
  const h5::Quiet quiet;
  h5::expect(H5Fflush(impl_->file.get(), H5F_SCOPE_GLOBAL));
  h5::expect(H5Fclose(impl_->file.leave()));
}

}  // namespace cardan::provenance
