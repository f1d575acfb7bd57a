/// Reads a checkpoint: each rank by itself what it wants.
#pragma once

#include <cardan/box.hpp>
#include <cardan/dtype.hpp>
#include <cardan/field.hpp>
#include <cardan/state.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace cardan::checkpoint {

class Source;

/// Not collective; blocking. Errors name file and array.
class Reader {
 public:
  /// Throws where the file is missing, is no checkpoint, or one of a later format. Does not look at
  /// checksums (see verify.hpp).
  explicit Reader(const std::string& path);
  /// Reads what is not in a file.
  explicit Reader(std::unique_ptr<Source> source);
  ~Reader();
  Reader(Reader&&) noexcept;
  Reader& operator=(Reader&&) noexcept;

  [[nodiscard]] const Source& source() const noexcept { return *source_; }
  [[nodiscard]] const std::string& path() const noexcept;
  /// Whether there is an array or group of this name.
  [[nodiscard]] bool has(const std::string& name) const;
  /// The names of what is in a group (`/` for the file), sorted.
  [[nodiscard]] std::vector<std::string> names(const std::string& group) const;
  [[nodiscard]] std::vector<std::int64_t> shape(const std::string& name) const;
  /// Reads the field's box of a global array, or all of it where the field has none; throws where
  /// shapes differ. A file's arrays are converted to the field's dtype.
  void read(const std::string& name, const Field& field) const;
  [[nodiscard]] std::int64_t integer(const std::string& name) const;
  [[nodiscard]] double number(const std::string& name) const;
  [[nodiscard]] std::string text(const std::string& name) const;
  /// Rows [first, first + count) of an array, in the dtype that is asked for, dense.
  void read_rows(const std::string& name, Dtype dtype, std::int64_t first, std::int64_t count,
                 void* data) const;
  /// Everything below a group, whole.
  [[nodiscard]] State state(const std::string& group) const;

 private:
  std::unique_ptr<Source> source_;
};

}  // namespace cardan::checkpoint
