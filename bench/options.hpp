/// The command line.
#pragma once

#include "coupled.hpp"
#include "race.hpp"

#include <mpi.h>

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace bench {

enum class Subject { comparison, strided, overlap, scaling };

/// Bytes that the comparison goes through where none are asked for.
inline constexpr std::array<std::int64_t, 8> ladder{8,        64,      512,     4 << 10,
                                                    64 << 10, 1 << 20, 8 << 20, 64 << 20};

struct Options {
  Subject subject = Subject::comparison;
  int producers = 0;
  int consumers = 0;
  std::vector<cardan::TransportKind> transports;
  std::vector<Mode> modes;
  std::vector<Pattern> patterns;
  /// Bytes of a producer's part. Empty: the subject's own.
  std::vector<std::int64_t> bytes;
  Effort effort;
  /// Seconds after which no further case is begun; 0 for no end.
  double budget = 0;
  /// Empty: no file.
  std::string json;

  /// What is asked for, or else `own`.
  [[nodiscard]] std::vector<std::int64_t> bytes_or(const std::vector<std::int64_t>& own) const
  {
    return bytes.empty() ? own : bytes;
  }
};

/// Parses on every rank and speaks on the first. Empty to go on; else the exit status: 0 after
/// --help, 2 for what is wrong.
std::optional<int> parse(Options& options, int argc, char** argv, MPI_Comm comm);

/// `8 B`, `64 KiB`
std::string print_bytes(std::int64_t bytes);

}  // namespace bench
