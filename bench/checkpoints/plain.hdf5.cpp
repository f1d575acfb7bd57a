#include "checkpoints/plain.hpp"

#include "archive/handle.hdf5.hpp"
#include "checkpoint/checksum.hpp"

#include <cardan/error.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <vector>

namespace bench {

namespace {

namespace h5 = cardan::h5;
using Sizes = std::array<hsize_t, 3>;

Sizes sizes(const cardan::Extents& extents)
{
  return {static_cast<hsize_t>(extents[0]), static_cast<hsize_t>(extents[1]),
          static_cast<hsize_t>(extents[2])};
}

void flush(const std::string& path)
{
  const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  const bool good = file >= 0 && ::fsync(file) == 0;
  if (file >= 0) ::close(file);
  if (!good) throw cardan::Error{"cannot flush '" + path + "'"};
}

}  // namespace

void write_plainly(MPI_Comm comm, const std::string& path, const Part& part)
{
  const auto access = h5::own<h5::Properties>(H5Pcreate(H5P_FILE_ACCESS));
  h5::expect(H5Pset_fapl_mpio(access.get(), comm, MPI_INFO_NULL));
  const auto transfer = h5::own<h5::Properties>(H5Pcreate(H5P_DATASET_XFER));
  h5::expect(H5Pset_dxpl_mpio(transfer.get(), H5FD_MPIO_COLLECTIVE));
  const Sizes global = sizes(part.box().global);
  const Sizes offset = sizes(part.box().offset);
  const Sizes count = sizes(part.box().count);
  const auto whole = h5::own<h5::Space>(H5Screate_simple(3, global.data(), nullptr));
  h5::expect(H5Sselect_hyperslab(whole.get(), H5S_SELECT_SET, offset.data(), nullptr, count.data(),
                                 nullptr));
  const auto mine = h5::own<h5::Space>(H5Screate_simple(3, count.data(), nullptr));
  auto file = h5::own<h5::File>(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access.get()));
  auto dataset = h5::own<h5::Dataset>(H5Dcreate2(
      file.get(), "state", H5T_NATIVE_DOUBLE, whole.get(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  h5::expect(H5Dwrite(dataset.get(), H5T_NATIVE_DOUBLE, mine.get(), whole.get(), transfer.get(),
                      part.values().data()));
  h5::expect(H5Fflush(file.get(), H5F_SCOPE_GLOBAL));
  flush(path);
  dataset.reset();
  h5::expect(H5Fclose(file.leave()));
}

std::uint64_t checksum_of_plain(const std::string& path, const cardan::Extents& global)
{
  std::vector<double> values(static_cast<std::size_t>(global.product()));
  const auto file = h5::own<h5::File>(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT));
  const auto dataset = h5::own<h5::Dataset>(H5Dopen2(file.get(), "state", H5P_DEFAULT));
  h5::expect(
      H5Dread(dataset.get(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()));
  return cardan::checkpoint::checksum(values.data(), sizeof(double), 0, global.product());
}

}  // namespace bench
