/// Samples that a finished run left in an HDF5 file, read by one rank alone.
#pragma once

#include <cardan/model.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace cardan {

/// Datasets of shape (samples, ...) or (steps, samples, ...), or with more dimensions before those
/// of a sample: the last ones are a feature's shape, and those before count samples in the file's
/// order, the same for all features. Not collective; blocking; errors name file, dataset and both
/// shapes. MPI must be running.
class Recording {
 public:
  /// Opens the datasets `group/NAME` of all features (`group` may be empty) and compares their
  /// shapes.
  Recording(const std::string& path, const std::string& group, const Features& features);
  ~Recording();
  Recording(Recording&&) noexcept;
  Recording& operator=(Recording&&) noexcept;

  /// Samples in the file.
  [[nodiscard]] std::int64_t samples() const noexcept;
  /// How many of them follow each other in one step; all, where the datasets have no steps.
  [[nodiscard]] std::int64_t samples_per_step() const noexcept;
  /// Reads samples [first, first + count) into the features' columns, dense and in the features'
  /// dtypes (HDF5 converts; a value outside an integer's range becomes the nearest in it).
  void read(std::int64_t first, std::int64_t count, std::byte* const* columns) const;

  /// What the datasets of these names hold, behind their first `leading` dimensions.
  static Features features(const std::string& path, const std::string& group,
                           const std::vector<std::string>& names, int leading);
  /// In a decision log, whose samples are in `NAME/samples`: the group of the dataset `source`,
  /// which says of each whether the solver computed it (2); empty in other files.
  static std::string judged(const std::string& path, const std::string& group);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cardan
