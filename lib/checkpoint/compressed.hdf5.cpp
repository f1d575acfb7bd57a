// Compressed arrays: HDF5 decides where their chunks go, so ranks write them together.

#include "checkpoint/file.hdf5.hpp"
#include "checkpoint/layout.hpp"
#include "checkpoint/room.hpp"

#include <cardan/error.hpp>

#include <unistd.h>

#include <array>

namespace cardan::checkpoint {

namespace {

/// About a mebibyte: the longest side is halved until it is.
Extents chunk_of(const Extents& global, std::int64_t element)
{
  constexpr std::int64_t most = 1 << 20;
  Extents chunk = global;
  while (chunk.product() * element > most) {
    int longest = 0;
    for (int d = 1; d < chunk.rank(); ++d)
      if (chunk[d] > chunk[longest]) longest = d;
    chunk[longest] = (chunk[longest] + 1) / 2;
  }
  return chunk;
}

h5::Dataset add(hid_t file, const Item& item)
{
  const auto links = h5::own<h5::Properties>(H5Pcreate(H5P_LINK_CREATE));
  h5::expect(H5Pset_create_intermediate_group(links.get(), 1));
  const auto contents = h5::own<h5::Properties>(H5Pcreate(H5P_DATASET_CREATE));
  const Extents chunk = chunk_of(item.box.global, item.element());
  std::array<hsize_t, max_rank> sizes{};
  for (int d = 0; d < chunk.rank(); ++d)
    sizes[static_cast<std::size_t>(d)] = static_cast<hsize_t>(chunk[d]);
  h5::expect(H5Pset_chunk(contents.get(), chunk.rank(), sizes.data()));
  h5::expect(H5Pset_shuffle(contents.get()));
  h5::expect(H5Pset_deflate(contents.get(), static_cast<unsigned>(item.storage.deflate)));
  h5::expect(H5Pset_fill_time(contents.get(), H5D_FILL_TIME_NEVER));
  const h5::Space whole = h5::space(item.box.global);
  return h5::own<h5::Dataset>(H5Dcreate2(file, item.name.c_str(), h5::native(item.dtype),
                                         whole.get(), links.get(), contents.get(), H5P_DEFAULT));
}

bool is_compressed(const Item& item)
{
  return item.storage.deflate > 0 && !item.text && item.box.global.rank() > 0 &&
         item.box.global.product() > 0;
}

std::int64_t room_for(const std::vector<Item>& items)
{
  constexpr std::int64_t beside_each = 1 << 16;  // its description, and the index of its chunks
  std::int64_t bytes = 0;
  for (const auto& item : items)
    if (is_compressed(item)) {
      const std::int64_t raw = item.box.global.product() * item.element();
      bytes += beside_each + raw + raw / 16;
    }
  return bytes;
}

}  // namespace

void write_compressed(MPI_Comm comm, const std::string& path, const std::vector<Item>& items)
{
  const h5::Quiet quiet;
  const auto patience = mpi::Deadline::in(300);
  const auto list = access();
  h5::expect(H5Pset_fapl_mpio(list.get(), comm, MPI_INFO_NULL));
  // HDF5 must not meet a full disk (see lay_out), and how far values shrink is not known before.
  const std::int64_t most = room_for(items);
  mpi::together(comm, patience, [&] {
    if (mpi::rank(comm) != 0) return;
    try {
      reserve(path, most);
    } catch (...) {
      ::unlink(path.c_str());
      throw;
    }
  });
  h5::File file;
  mpi::together(comm, patience, [&] {
    file = h5::own<h5::File>(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, list.get()));
  });
  mpi::together(comm, patience, [&] {
    if (mpi::rank(comm) == 0) reserve(path, most);
  });
  for (const auto& item : items) {
    if (!is_compressed(item)) continue;
    h5::Dataset dataset;
    mpi::together(comm, patience, [&] { dataset = add(file.get(), item); });
    mpi::together(comm, patience, [&] {
      const Field field{item.data.data(), item.dtype, true, item.box.count,
                        row_major(item.box.count)};
      h5::Transfer(field, item.box).write(dataset.get());
    });
  }
  mpi::together(comm, patience, [&] { h5::expect(H5Fclose(file.leave())); });
}

}  // namespace cardan::checkpoint
