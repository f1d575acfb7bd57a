/// Where a Reader finds what it reads: a file, or what ranks hold in memory.
#pragma once

#include <cardan/box.hpp>
#include <cardan/dtype.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace cardan::checkpoint {

/// Not collective. Errors of all but `has` name neither array nor place: the Reader adds them.
class Source {
 public:
  virtual ~Source() = default;
  /// What messages call it.
  [[nodiscard]] virtual const std::string& path() const noexcept = 0;
  [[nodiscard]] virtual bool has(const std::string& name) const = 0;
  [[nodiscard]] virtual bool is_group(const std::string& name) const = 0;
  /// Sorted; of the file, or of `/`, the outermost ones.
  [[nodiscard]] virtual std::vector<std::string> names(const std::string& group) const = 0;
  [[nodiscard]] virtual Extents shape(const std::string& name) const = 0;
  [[nodiscard]] virtual Dtype stored(const std::string& name) const = 0;
  /// The box of the array, dense and row-major, in the dtype that is asked for.
  virtual void read(const std::string& name, Dtype dtype, const Box& box, void* data) const = 0;
  [[nodiscard]] virtual std::string text(const std::string& name) const = 0;
};

}  // namespace cardan::checkpoint
