/// Arrays and texts in an HDF5 file that is open on all ranks. What creates or transfers is
/// collective.
#pragma once

#include "archive/handle.hdf5.hpp"

#include <cardan/field.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace cardan::h5 {

/// Throws unless `name` is such as `a/b/c`.
void expect_name(const std::string& name);
/// Whether something has this name in the file.
bool exists(hid_t file, const std::string& name);

/// HDF5's type for an element in memory; not owned.
hid_t native(Dtype dtype);
/// UTF-8 text of fixed length, which ranks can write together, or H5T_VARIABLE, for attributes.
Type text_type(std::size_t length);
/// A dataspace of a shape; a scalar one for no dimensions.
Space space(const Extents& shape);

/// Makes a dataset, and the groups in its name.
Dataset create(hid_t file, const std::string& name, hid_t type, const Extents& shape);
/// Opens an array of numbers; throws where it is something else.
Dataset open_array(hid_t file, const std::string& name);
/// The global shape of an array.
Extents shape(hid_t dataset);

/// Where a dataset's elements lie in the file; no bytes where it has no place yet.
struct Place {
  std::int64_t offset = 0;
  std::int64_t bytes = 0;
};
Place place(hid_t dataset);

/// One rank's part of a collective transfer. What can fail on one rank alone fails when it is made.
class Transfer {
 public:
  Transfer(const Field& field, const Box& box);
  /// Writes the ranks' boxes of a global array.
  void write(hid_t dataset);
  /// Reads this rank's box of a global array.
  void read(hid_t dataset);

 private:
  [[nodiscard]] std::int64_t element() const noexcept { return size_of(field_.dtype()); }

  Field field_;
  Properties properties_;
  Space file_;
  Space memory_;
  bool nowhere_;  // an array without elements has no place in the file, where HDF5 1.10 looks all
                  // the same
  std::vector<std::byte> dense_;
};

/// Stores a dense, row-major copy in a field of any strides.
void scatter(const std::byte* dense, const Field& field);

/// Writes a text that all ranks hold, from one of them.
void write_text(hid_t dataset, const std::string& text, bool mine);

}  // namespace cardan::h5
