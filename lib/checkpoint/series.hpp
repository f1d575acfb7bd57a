/// The files of a run's checkpoints: their names, which is the newest, which go.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace cardan::checkpoint {

/// `reactor.h5` names `reactor.000001.h5`, `reactor.000002.h5`, ... and, as a symbolic link, the
/// newest of them. Not collective: one rank asks and changes.
class Series {
 public:
  explicit Series(std::string base) : base_(std::move(base)) {}

  [[nodiscard]] const std::string& base() const noexcept { return base_; }
  [[nodiscard]] std::string path(std::int64_t sequence) const;
  /// The numbers of the files that are there, ascending.
  [[nodiscard]] std::vector<std::int64_t> numbers() const;
  /// Points the link at a file; leaves alone what is no link.
  void point_to(std::int64_t sequence) const;
  /// Removes what a run that was killed had not finished.
  void clear_unfinished() const;
  /// Throws unless files can be written where they will be.
  void expect_writable() const;

 private:
  std::string base_;
};

/// What a file is called while it is written, and where ranks meet that write it.
std::string part_of(const std::string& path);
std::string table_of(const std::string& path);

}  // namespace cardan::checkpoint
