/// Encoders and decoders: blocks to a few latent numbers and back. No Torch: simulation ranks have
/// none in their process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace cardan::reduction {

/// One version of an encoder with the decoder that fits it. Immutable; decoding has the same bits
/// on every rank that runs the same build (fixed order of sums, no contraction).
class Transform {
 public:
  virtual ~Transform() = default;
  /// "none", "linear" (singular vectors, or a linear autoencoder) or "conv".
  [[nodiscard]] virtual const char* kind() const = 0;
  /// Numbers of a block, and of its latent.
  [[nodiscard]] virtual std::int64_t numbers() const = 0;
  [[nodiscard]] virtual std::int64_t latent() const = 0;
  /// `blocks`: count x numbers; `latents`: count x latent.
  virtual void encode(const double* blocks, std::int64_t count, double* latents) const = 0;
  virtual void decode(const double* latents, std::int64_t count, double* blocks) const = 0;
  /// How far a latent number may be rounded, per latent number: about how much one unit of it moves
  /// the block (root mean square); the codec chooses its step from that.
  [[nodiscard]] virtual std::vector<double> weights() const = 0;
  /// What `read_transform` makes the same from: as it streams to the simulation ranks.
  [[nodiscard]] virtual std::vector<std::byte> bytes() const = 0;
};

/// Nothing but the blocks themselves: no latents, every number is residual (uniform quantisation).
std::unique_ptr<Transform> no_transform(std::int64_t numbers);
/// y = mean + latents * decoder; latents = (x - mean) * encoder. `mean`: numbers; `encoder`:
/// numbers x latent; `decoder`: latent x numbers; row-major.
std::unique_ptr<Transform> linear_transform(std::vector<double> mean, std::vector<double> encoder,
                                            std::vector<double> decoder);
/// The same with another middle of what it gives: y = centre + (x - mean) * encoder * decoder.
std::unique_ptr<Transform> linear_transform(std::vector<double> mean, std::vector<double> centre,
                                            std::vector<double> encoder,
                                            std::vector<double> decoder);
/// Throws where the bytes are not of a transform.
std::unique_ptr<Transform> read_transform(std::span<const std::byte> bytes);

}  // namespace cardan::reduction
