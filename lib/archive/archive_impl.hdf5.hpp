/// The machine room of Archive: how a call stays collective when a rank fails.
#pragma once

#include <cardan/archive.hpp>

#include "archive/dataset.hdf5.hpp"
#include "mpi/comm.hpp"

#include <cardan/error.hpp>

#include <exception>
#include <string>

namespace cardan {

namespace archive {
/// A wait is given up after this many seconds: long enough for a rank that computes on.
inline mpi::Deadline patience()
{
  return mpi::Deadline::in(300);
}

inline std::string quote(const std::string& name)
{
  return "'" + name + "'";
}
}  // namespace archive

/// How a call stays collective when a rank fails: first all ranks compare what they are about to do
/// and check what each can check alone (prepare); only then do they call HDF5 together, and after
/// each call that communicates they agree on how it went (step). So no rank is left alone inside a
/// collective call of HDF5.
struct Archive::Impl {
  Impl(MPI_Comm parent, const std::string& file_path, Mode file_mode);
  // Collective where the file is still open: closes it, and leaves no half file.
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void create();
  void open();
  void close();
  void write(const std::string& name, const Field& field, const std::string& verb);
  void text(const std::string& name, const std::string& value);
  void read(const std::string& name, const Field& field);
  /// Makes a dataset whose place on the disk is reserved.
  h5::Dataset make(const std::string& name, hid_t type, const Extents& shape);
  template <class Value>
  void attribute(const std::string& object, const std::string& key, const Value& value);

  /// Throws on all ranks unless all are about to do the same (`to write 'a'`) and no `check`
  /// throws.
  template <class Check>
  void prepare(const std::string& action, Check&& check);
  /// Does a part of what was prepared; throws on all ranks where it throws on one.
  template <class Work>
  void step(Work&& work);
  /// Runs `work`; its error says what was to be done, and on which rank.
  template <class Work>
  void explain(Work&& work) const;

  void expect_open() const
  {
    if (!file) throw Error{"the file was closed"};
  }
  void expect_new(const std::string& name) const
  {
    expect_open();
    if (mode != Mode::create) throw Error{"the file was opened for reading"};
    h5::expect_name(name);
    if (h5::exists(file.get(), name)) throw Error{"this name was written before"};
  }
  void expect_readable(const std::string& name) const
  {
    expect_open();
    h5::expect_name(name);
  }

  mpi::Comm comm;
  int rank;
  std::string path;
  std::string part;  // what a file is called that is still being written
  Mode mode;
  std::string doing;
  std::string remedy;
  bool part_exists = false;  // on rank 0, which removes or renames it
  h5::File file;
};

template <class Check>
void Archive::Impl::prepare(const std::string& action, Check&& check)
{
  doing = action + " " + archive::quote(path);
  const std::string first = mpi::broadcast(comm.get(), doing, 0, archive::patience());
  mpi::together(comm.get(), archive::patience(), [&] {
    if (doing != first)
      throw Error{"rank " + std::to_string(rank) + " is to " + doing, "rank 0 is to " + first,
                  "All ranks make the same calls on an archive."};
    explain(check);
  });
}

template <class Work>
void Archive::Impl::step(Work&& work)
{
  mpi::together(comm.get(), archive::patience(), [&] { explain(work); });
}

template <class Work>
void Archive::Impl::explain(Work&& work) const
{
  try {
    work();
  } catch (const std::exception& error) {
    throw Error{"cannot " + doing, "rank " + std::to_string(rank) + ": " + error.what(), remedy};
  }
}

}  // namespace cardan
