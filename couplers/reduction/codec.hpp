/// A field becomes bytes and comes back within a bound: latents of blocks, what they leave, and the
/// numbers that miss the bound as they are; all by an entropy coder.
#pragma once

#include "couplers/reduction/transform.hpp"

#include <cardan/reduction.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace cardan::reduction {

/// How a rank's field is cut into blocks: edges as the run file has them, at most the field's; the
/// last ones of a dimension are padded with their edge's numbers.
class Blocking {
 public:
  Blocking(const ReductionField& field, const std::vector<std::int64_t>& edges);
  /// Blocks of the field, numbers of a block (all components), numbers of the field.
  [[nodiscard]] std::int64_t count() const { return count_; }
  [[nodiscard]] std::int64_t numbers() const { return numbers_; }
  [[nodiscard]] std::int64_t field_numbers() const { return field_numbers_; }
  /// Dense field to count x numbers, and back (padding is ignored).
  void cut(const double* field, double* blocks) const;
  void join(const double* blocks, double* field) const;
  /// The same of one block.
  void cut(const double* field, std::int64_t block, double* numbers) const;
  void join(const double* numbers, std::int64_t block, double* field) const;
  /// Of one block's numbers in the dense field: count() x numbers() indices, -1 for padding.
  [[nodiscard]] std::vector<std::int64_t> indices() const;
  /// Components, and the extents in three dimensions (1 where the field has fewer): of the field,
  /// and of a block.
  [[nodiscard]] std::int64_t components() const { return components_; }
  using Extents3 = std::array<std::int64_t, 3>;
  [[nodiscard]] const Extents3& extents() const { return extents_; }
  [[nodiscard]] const Extents3& edges() const { return edges_; }

 private:
  /// A block's numbers that are neighbours in the field: the first one's index, and how many lie in
  /// the field; `own`: they are not padding.
  struct Run {
    std::int64_t first;
    std::int32_t length;
    bool own;
  };

  std::int64_t count_ = 0;
  std::int64_t numbers_ = 0;
  std::int64_t field_numbers_ = 0;
  std::int64_t components_ = 1;
  Extents3 extents_{1, 1, 1};
  Extents3 edges_{1, 1, 1};
  std::vector<Run> runs_;
};

struct CodecSettings {
  /// zstd's level.
  int level = 1;
  /// Whether a field whose numbers take fewer bytes without the transform goes without it.
  bool fall_back = true;
};

/// What packing one field said.
struct Packed {
  std::int64_t blocks = 0;
  std::int64_t sent = 0;
  std::int64_t exceptions = 0;
  std::size_t bytes = 0;
  /// Of those the latents, and the numbers that they leave (or all numbers).
  std::size_t latent_bytes = 0;
  std::size_t residual_bytes = 0;
  /// Whether the transform was left out: it would not have paid.
  bool plain = false;
  /// Of the reconstruction that the receiver will have, compared with every finite number of the
  /// field, whether it was sent or not.
  double max_error = 0;
  /// Of all bits of that reconstruction.
  std::uint64_t checksum = 0;
};

/// The sending end of one field: remembers what the receiver has. Not thread-safe; its memory grows
/// in the first calls only.
class Packer {
 public:
  Packer(const ReductionField& field, const std::vector<std::int64_t>& edges,
         const CodecSettings& settings);
  ~Packer();
  Packer(Packer&&) noexcept;
  Packer& operator=(Packer&&) = delete;
  /// The most bytes that `pack` writes, whatever the numbers are.
  [[nodiscard]] std::size_t most_bytes() const;
  /// Writes to the front of `into`. Afterwards the receiver is taken to have it: where the bytes do
  /// not get there, or this throws, the next ones must be `full` (they are after a throw).
  /// `values`: the dense field, of a float32 one as float64; `eps`: the absolute bound (0:
  /// lossless). `still`: blocks whose numbers all lie within eps of what the receiver has are not
  /// sent (0: all are); what is sent keeps the tighter bound eps * (1 - still), eps / 2 at least,
  /// so that a block may change by up to still * eps before it has to go again. `full`: all are
  /// sent, whatever the receiver has.
  Packed pack(const double* values, double eps, double still, bool full, const Transform& transform,
              std::span<std::byte> into);

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

/// The receiving end of one field of one sender.
class Unpacker {
 public:
  Unpacker(const ReductionField& field, const std::vector<std::int64_t>& edges);
  ~Unpacker();
  Unpacker(Unpacker&&) noexcept;
  Unpacker& operator=(Unpacker&&) = delete;
  /// Throws where the bytes are damaged. The field as reconstructed stays here until the next call;
  /// returns the checksum of its bits.
  std::uint64_t unpack(std::span<const std::byte> bytes, const Transform& transform);
  [[nodiscard]] const std::vector<double>& values() const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace cardan::reduction
