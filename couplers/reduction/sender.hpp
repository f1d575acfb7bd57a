/// A rank's fields to the bytes of a put: no MPI.
#pragma once

#include "couplers/reduction/codec.hpp"
#include "couplers/reduction/encoders.hpp"
#include "couplers/reduction/settings.hpp"
#include "couplers/reduction/wire.hpp"

#include <cardan/reduction.hpp>

#include <cstddef>
#include <span>
#include <vector>

namespace cardan::reduction {

/// Numbers of a field, and its bytes as the simulation holds it.
std::int64_t numbers_of(const ReductionField& field);
std::int64_t bytes_of(const ReductionField& field);

class Sender {
 public:
  /// `quantity` may be null, and outlives this.
  Sender(std::vector<ReductionField> fields, const Settings& settings, const Quantity* quantity);

  /// The most bytes of a put.
  [[nodiscard]] std::size_t most_bytes() const { return bytes_.size(); }
  [[nodiscard]] const std::vector<ReductionField>& fields() const { return fields_; }
  /// Throws unless these are the fields that were declared, in that order.
  void check(Reduction::FieldList fields) const;
  /// Copies them; any strides.
  void copy(Reduction::FieldList fields);
  /// What was copied, by field: dense, float64.
  [[nodiscard]] const double* const* values() const { return columns_.data(); }
  /// Packs what was copied, by these encoders, as the controller has decided; `period` is the
  /// put's (see PutHead). Valid until the next call.
  std::span<const std::byte> pack(const Encoders& encoders, const Decision& decision, double period,
                                  std::int64_t begun);
  /// Of the last put, by field.
  [[nodiscard]] const std::vector<Packed>& packed() const { return packed_; }
  [[nodiscard]] const std::vector<double>& eps() const { return eps_; }

 private:
  [[nodiscard]] double eps_of(std::size_t field, double scale) const;

  std::vector<ReductionField> fields_;
  Settings settings_;
  const Quantity* quantity_;
  std::vector<Packer> packers_;
  std::vector<std::vector<double>> values_;
  std::vector<const double*> columns_;
  std::vector<Packed> packed_;
  std::vector<double> eps_;
  std::vector<std::byte> bytes_;
};

}  // namespace cardan::reduction
