/// The bytes of one sender's puts to its fields: no MPI.
#pragma once

#include "couplers/reduction/codec.hpp"
#include "couplers/reduction/encoders.hpp"
#include "couplers/reduction/wire.hpp"

#include <cardan/reduction.hpp>

#include <cstddef>
#include <span>
#include <vector>

namespace cardan::reduction {

class Intake {
 public:
  /// `rank`: the sender, counted among the simulation ranks.
  Intake(int rank, std::vector<ReductionField> fields, const Settings& settings);

  /// Reconstructs a put. Throws where its bytes are damaged, or it breaks its bound; `same` says
  /// whether the bits are those that the sender compared with the bound. Valid until the next call.
  const Reconstruction& take(const MessageHeader& header, std::span<const std::byte> bytes,
                             const Encoders& encoders);
  [[nodiscard]] const PutHead& head() const { return head_; }
  [[nodiscard]] const std::vector<ReductionField>& fields() const { return fields_; }
  [[nodiscard]] const double* const* values() const { return values_.data(); }
  [[nodiscard]] int rank() const { return arrived_.rank; }

 private:
  std::vector<ReductionField> fields_;
  std::vector<Unpacker> unpackers_;
  PutHead head_;
  std::vector<const double*> values_;
  std::vector<double> eps_;
  Reconstruction arrived_;
};

}  // namespace cardan::reduction
