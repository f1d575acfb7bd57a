/// HDF5 files that ranks write and read together. Ordinary tools open them (h5dump, h5py).
#pragma once

#include <cardan/field.hpp>

#include <mpi.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace cardan {

/// An HDF5 file opened by all ranks of a communicator. Every call is collective over it and
/// blocking; one rank's failure throws the same error on all. Groups in a name (`a/b/c`) are made
/// as needed, and a name is written once. Until `close()` a new file is called `PATH.part`; the
/// destructor of one that was not closed (collective too) removes it, so that nothing half-written
/// has the final name.
class Archive {
 public:
  enum class Mode { create, read };
  /// Creates (and replaces, when closed) or opens a file. The communicator is duplicated.
  Archive(MPI_Comm comm, const std::string& path, Mode mode);
  ~Archive();
  Archive(Archive&&) noexcept;
  Archive& operator=(Archive&&) noexcept;

  /// Writes one global array from the ranks' boxes (each field has a box, its shape may have
  /// zeros). Any strides.
  void write(const std::string& name, const Field& field);
  /// Reads this rank's box of a global array into the field, converting the dtype; throws where the
  /// array's global shape is not the box's.
  void read(const std::string& name, const Field& field);
  /// The global shape of an array in the file.
  [[nodiscard]] Extents shape(const std::string& name);
  /// Whether the file has a group, array or text of this name.
  [[nodiscard]] bool has(const std::string& name);

  /// Writes what all ranks hold alike (rank 0's is taken): series of per-step values, texts,
  /// numbers. An array's reader reads a series too.
  void series(const std::string& name, std::span<const double> values);
  void series(const std::string& name, std::span<const std::int64_t> values);
  void text(const std::string& name, const std::string& value);
  /// Attributes of a group or array that exists (`/` for the file); a new value replaces the old
  /// one.
  void attribute(const std::string& object, const std::string& key, const std::string& value);
  void attribute(const std::string& object, const std::string& key, double value);
  void attribute(const std::string& object, const std::string& key, std::int64_t value);

  /// Flushes and closes; errors are thrown here, not in the destructor.
  void close();

 private:
  struct Impl;
  Impl& impl();
  std::unique_ptr<Impl> impl_;
};

/// What is needed to question a run later, as pairs of a name and a value: `cardan`, `git_commit`
/// (with `-dirty` where it was), `compiler`, `build_type`, `mpi`, `hdf5`, `fmt`, `toml++`. Torch's
/// version is its module's to tell.
std::vector<std::pair<std::string, std::string>> build_information();

}  // namespace cardan
