/// `decisions.h5`: datasets that grow, appended to by ranks together.
#pragma once

#include "provenance/table.hpp"

#include <cardan/dtype.hpp>

#include <mpi.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace cardan::provenance {

/// Open for one flush. All calls are collective over the communicator and blocking; HDF5's errors
/// are thrown by every rank that has them.
class DecisionFile {
 public:
  enum class Mode { create, append };
  DecisionFile(MPI_Comm comm, const std::string& path, Mode mode);
  ~DecisionFile();
  DecisionFile(const DecisionFile&) = delete;
  DecisionFile& operator=(const DecisionFile&) = delete;

  /// Attributes of `/`.
  void attribute(const std::string& key, const std::string& value);
  void attribute(const std::string& key, std::int64_t value);
  /// The rows that a dataset has; 0 where there is none.
  [[nodiscard]] std::int64_t rows(const std::string& name) const;
  /// Adds every rank's rows to a dataset, rank after rank; makes it, with rows of this shape, where
  /// there is none. `data` is dense, or every `stride`-th element of it counts (`shape` empty).
  void append(const std::string& name, Dtype dtype, const std::vector<std::int64_t>& shape,
              std::int64_t count, const void* data, std::int64_t stride = 1);
  /// Adds a table's rows to `group/COLUMN`.
  void append(const std::string& group, const Table& table);
  /// Errors are thrown here, not in the destructor.
  void close();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cardan::provenance
