/// A variational autoencoder.
#pragma once

#include "families/autoencoder.torch.hpp"

#include <memory>

namespace cardan::families {

/// A normal distribution for each latent number of each sample, independent; both (n, latent).
struct Posterior {
  at::Tensor mean;
  at::Tensor log_variance;
};

class Vae : public Network {
 public:
  Vae(const NetworkShape& shape, const AutoencoderSettings& settings, double beta);
  /// (n, in) to the distribution of the latent numbers.
  Posterior posterior(const at::Tensor& samples);
  /// (n, in) to its mean (n, latent).
  at::Tensor encode(const at::Tensor& samples) override;
  /// (n, latent) to (n, in).
  at::Tensor decode(const at::Tensor& latent);
  /// In training mode the decoded draw from the posterior (of Torch's default generator), else
  /// what its mean gives.
  at::Tensor forward(const at::Tensor& samples) override;
  /// With `encode` (the posterior's mean) and `decode`.
  [[nodiscard]] std::string script() const override;
  /// beta times the divergence of the last batch in training mode from the standard normal
  /// distribution, in nats: the mean over samples, divided by the numbers of a sample.
  at::Tensor penalty() override { return penalty_; }

 private:
  std::shared_ptr<Dense> encoder_;
  std::shared_ptr<Dense> decoder_;
  Answer answer_;
  double scale_;
  at::Tensor penalty_;
};

/// The divergence of each latent number from the standard normal distribution, in nats: (n,
/// latent), 0.5 (mean^2 + variance - 1 - log variance).
at::Tensor divergence(const Posterior& posterior);

/// Rows as for `autoencoder`, with `beta = 0.01` besides (Kingma and Welling, "Auto-Encoding
/// Variational Bayes", 2014; Higgins et al., "beta-VAE", 2017). With the mean squared error, beta =
/// 2 s^2 is the evidence bound of data with noise of deviation s, in normalised units.
std::shared_ptr<Network> make_vae(const Config& model, const NetworkShape& shape);

}  // namespace cardan::families
