/// A decision log with answers, read again call by call.
#pragma once

#include <cardan/dtype.hpp>
#include <cardan/surrogate.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace cardan::provenance {

/// What one call of a rank was, and what came back.
struct ReplayedCall {
  std::int64_t step = 0;
  std::int64_t rows = 0;
  Counters counters;
  Stamp stamp;
};

/// One rank's calls of one surrogate. Not collective; blocking; reads in pieces, whatever the
/// log's length. Errors name the file.
class Replay {
 public:
  /// Throws where the file is no decision log, keeps no answers, or is of another number of
  /// simulation ranks.
  Replay(const std::string& path, const std::string& surrogate, int rank, int ranks);
  ~Replay();
  Replay(const Replay&) = delete;
  Replay& operator=(const Replay&) = delete;

  [[nodiscard]] std::int64_t seed() const noexcept;
  [[nodiscard]] const std::string& run_file_sha256() const noexcept;
  /// Throws unless the log has samples of this field with rows of this dtype and shape.
  void expect(const std::string& field, Dtype dtype, const std::vector<std::int64_t>& shape) const;
  /// Goes to this rank's next call; false where there is none.
  bool next();
  [[nodiscard]] const ReplayedCall& call() const noexcept;
  /// Where each of the call's rows comes from (see Origin).
  void origins(std::uint8_t* rows) const;
  /// The call's rows of a field, dense.
  void read(const std::string& field, Dtype dtype, void* rows) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cardan::provenance
