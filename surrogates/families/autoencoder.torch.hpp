/// An autoencoder: rows through few numbers.
#pragma once

#include "families/dense.torch.hpp"

#include <memory>

namespace cardan::families {

/// What a trained network answers with: its input again, or the few numbers that it has made of it.
/// In training mode always the former.
enum class Answer { reconstruction, latent };

/// What autoencoders read of a run file alike.
struct AutoencoderSettings {
  std::vector<std::int64_t> hidden;
  std::int64_t latent;
  Activation activation;
  Answer answer;
};
/// Throws where the numbers of the answer are not those that it asks for.
AutoencoderSettings read_autoencoder(const Config& model, const NetworkShape& shape);
/// How many numbers the decoder gives: the answer's where that is the reconstruction, else the
/// input's.
std::int64_t decoded(const AutoencoderSettings& settings, const NetworkShape& shape);

class Autoencoder : public Network {
 public:
  Autoencoder(const NetworkShape& shape, const AutoencoderSettings& settings);
  /// (n, in) to (n, latent).
  at::Tensor encode(const at::Tensor& samples) override;
  /// (n, latent) to (n, in).
  at::Tensor decode(const at::Tensor& latent);
  at::Tensor forward(const at::Tensor& samples) override;
  /// With `encode` and `decode`.
  [[nodiscard]] std::string script() const override;

 private:
  std::shared_ptr<Dense> encoder_;
  std::shared_ptr<Dense> decoder_;
  Answer answer_;
};

/// Rows (n, in) to rows: (n, in), or (n, latent) in evaluation mode with `answer = "latent"`.
/// `model = { kind = "autoencoder", hidden = [64, 32], latent = 2, activation = "tanh", answer =
/// "reconstruction" }`; the decoder has the hidden layers in reverse order (Hinton and
/// Salakhutdinov, "Reducing the Dimensionality of Data with Neural Networks", 2006).
std::shared_ptr<Network> make_autoencoder(const Config& model, const NetworkShape& shape);

}  // namespace cardan::families
