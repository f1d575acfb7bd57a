#include "families/vae.torch.hpp"

namespace cardan::families {

Vae::Vae(const NetworkShape& shape, const AutoencoderSettings& settings, double beta)
    : answer_(settings.answer), scale_(beta / static_cast<double>(shape.in))
{
  const std::vector<std::int64_t> reversed(settings.hidden.rbegin(), settings.hidden.rend());
  encoder_ = register_module(
      "encoder",
      std::make_shared<Dense>(shape.in, settings.hidden, 2 * settings.latent, settings.activation));
  decoder_ = register_module(
      "decoder", std::make_shared<Dense>(settings.latent, reversed, decoded(settings, shape),
                                         settings.activation));
}

// The bounds on the logarithm keep exp() finite before anything is learned; no trained posterior
// comes near them.
Posterior Vae::posterior(const at::Tensor& samples)
{
  const auto halves = encoder_->forward(samples).chunk(2, 1);
  return {halves[0], halves[1].clamp(-20, 10)};
}

at::Tensor Vae::encode(const at::Tensor& samples)
{
  return posterior(samples).mean;
}

at::Tensor Vae::decode(const at::Tensor& latent)
{
  return decoder_->forward(latent);
}

at::Tensor Vae::forward(const at::Tensor& samples)
{
  penalty_ = at::Tensor{};
  const Posterior from = posterior(samples);
  if (!is_training()) return answer_ == Answer::latent ? from.mean : decode(from.mean);
  penalty_ = scale_ * divergence(from).sum(1).mean();
  return decode(from.mean + at::exp(0.5 * from.log_variance) * at::randn_like(from.mean));
}

std::string Vae::script() const
{
  return std::string(
             "def encode(self, x):\n    return torch.chunk(self.encoder.forward(x), 2, 1)[0]\n\n"
             "def decode(self, x):\n    return self.decoder.forward(x)\n\n"
             "def forward(self, x):\n    return ") +
         (answer_ == Answer::latent ? "self.encode(x)" : "self.decode(self.encode(x))") + "\n";
}

at::Tensor divergence(const Posterior& posterior)
{
  return 0.5 *
         (posterior.mean.square() + posterior.log_variance.exp() - 1 - posterior.log_variance);
}

//= [surrogate.NAME.model] vae
std::shared_ptr<Network> make_vae(const Config& model, const NetworkShape& shape)
{
  const AutoencoderSettings settings = read_autoencoder(model, shape);
  //= weight of the divergence from the normal distribution. With `loss = "mse"`, 2 s² for noise of
  //= deviation s (in normalised units) is the evidence bound; larger values silence coordinates
  //= that the data hardly need
  const auto beta = model.get<double>("beta", 0.01);
  if (beta < 0) throw model.error("beta", "must not be negative");
  return std::make_shared<Vae>(shape, settings, beta);
}

}  // namespace cardan::families
