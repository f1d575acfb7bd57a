// Making, opening and closing the file of an archive.
#include "archive/archive_impl.hdf5.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace cardan {

namespace {

/// Throws unless the file system lets this rank open the file.
void probe(const std::string& path, int flags)
{
  const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC, 0666);
  if (descriptor < 0) throw Error{std::strerror(errno)};
  ::close(descriptor);
}

h5::Properties access(MPI_Comm comm)
{
  auto list = h5::own<h5::Properties>(H5Pcreate(H5P_FILE_ACCESS));
  h5::expect(H5Pset_fapl_mpio(list.get(), comm, MPI_INFO_NULL));
  return list;
}

/// Throws unless the file's bytes fit on the disk and in the user's quota; a file system that
/// cannot reserve them leaves it at that. Some room is kept behind them for what describes them.
void reserve(const std::string& path, const h5::Place& place)
{
  constexpr off_t description = 1 << 20;
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (descriptor < 0) throw Error{std::strerror(errno)};
  int failure = 0;
  if (::fallocate(descriptor, 0, place.offset, place.bytes) != 0 ||
      ::fallocate(descriptor, FALLOC_FL_KEEP_SIZE, place.offset + place.bytes, description) != 0)
    failure = errno;
  ::close(descriptor);
  if (failure == ENOSPC || failure == EDQUOT || failure == EFBIG)
    throw Error{std::strerror(failure), std::to_string(place.bytes) + " bytes are needed"};
}

}  // namespace

Archive::Impl::Impl(MPI_Comm parent, const std::string& file_path, Mode file_mode)
    : comm(mpi::duplicate(parent)),
      rank(mpi::rank(comm.get())),
      path(file_path),
      part(file_path + ".part"),
      mode(file_mode)
{
  mode == Mode::create ? create() : open();
  remedy.clear();
}

Archive::Impl::~Impl()
{
  const h5::Quiet quiet;
  file.reset();
  std::error_code ignored;
  if (part_exists) std::filesystem::remove(part, ignored);
}

void Archive::Impl::create()
{
  remedy = "Does its folder exist, may it be written, and do all nodes see it?";
  prepare("create HDF5 file", [&] {
    if (rank != 0) return;
    if (path.empty()) throw Error{"its name is empty"};
    if (std::filesystem::is_directory(path)) throw Error{std::strerror(EISDIR)};
    probe(part, O_WRONLY | O_CREAT);
    part_exists = true;
  });
  step([&] { probe(part, O_WRONLY); });
  const auto list = access(comm.get());
  step([&] {
    file = h5::own<h5::File>(H5Fcreate(part.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, list.get()));
  });
}

void Archive::Impl::open()
{
  remedy = "Is its name right, is it a whole HDF5 file, and do all nodes see it?";
  prepare("open HDF5 file", [&] { probe(path, O_RDONLY); });
  // A file that is none of HDF5's, or is cut short, is found out by one rank: alone it cannot hang.
  step([&] {
    if (rank == 0) h5::own<h5::File>(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT));
  });
  const auto list = access(comm.get());
  h5::expect(H5Pset_all_coll_metadata_ops(list.get(), true));
  step([&] { file = h5::own<h5::File>(H5Fopen(path.c_str(), H5F_ACC_RDONLY, list.get())); });
}

void Archive::Impl::close()
{
  prepare("close HDF5 file", [&] { expect_open(); });
  if (mode == Mode::create) step([&] { h5::expect(H5Fflush(file.get(), H5F_SCOPE_GLOBAL)); });
  step([&] { h5::expect(H5Fclose(file.leave())); });
  step([&] {
    if (!part_exists) return;
    // Even at the same size this gives back the room that was reserved behind the end.
    std::filesystem::resize_file(part, std::filesystem::file_size(part));
    std::filesystem::rename(part, path);
    part_exists = false;
  });
}

// MPI-IO of Open MPI 4.1 reports no error when the disk is full in a collective write: it prints,
// returns success and hangs later. So the disk is asked before anything is written.
h5::Dataset Archive::Impl::make(const std::string& name, hid_t type, const Extents& shape)
{
  h5::Dataset dataset;
  step([&] { dataset = h5::create(file.get(), name, type, shape); });
  try {
    step([&] {
      const h5::Place place = h5::place(dataset.get());
      if (rank == 0 && place.bytes > 0) reserve(part, place);
    });
  } catch (const Error&) {
    // On all ranks, so that the archive goes on without it.
    dataset.reset();
    H5Ldelete(file.get(), name.c_str(), H5P_DEFAULT);
    throw;
  }
  return dataset;
}

}  // namespace cardan
