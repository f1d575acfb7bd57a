/// The array that both ways write, and what a rank has of it.
#pragma once

#include <cardan/box.hpp>
#include <cardan/field.hpp>

#include <mpi.h>

#include <cstdint>
#include <string>
#include <vector>

namespace bench {

/// How a global array is cut: along its first dimension, or along as many as there are factors of
/// the number of ranks, the last first, so that what a rank has is in many pieces.
enum class Cut { slabs, blocks };

/// A nearly cubic array of float64 with at most so many bytes.
cardan::Extents shape_of(std::int64_t bytes);

/// What a rank of `comm` has: values that tell where they belong.
class Part {
 public:
  Part(MPI_Comm comm, Cut cut, const cardan::Extents& global);

  [[nodiscard]] const cardan::Box& box() const noexcept { return box_; }
  [[nodiscard]] const std::vector<double>& values() const noexcept { return values_; }
  [[nodiscard]] std::size_t bytes() const noexcept { return values_.size() * sizeof(double); }
  [[nodiscard]] cardan::Field field() const;
  /// Collective: the checksum that the array must have in a file.
  [[nodiscard]] std::uint64_t checksum() const;

 private:
  MPI_Comm comm_;
  cardan::Box box_;
  std::vector<double> values_;
};

}  // namespace bench
