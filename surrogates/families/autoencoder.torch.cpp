#include "families/autoencoder.torch.hpp"

namespace cardan::families {

//= [surrogate.NAME.model] callers
AutoencoderSettings read_autoencoder(const Config& model, const NetworkShape& shape)
{
  //= layers of the encoder; the decoder's are the same in reverse order. `[]`: both are linear
  const auto hidden = model.get<std::vector<std::int64_t>>("hidden", {64, 32});
  for (const auto width : hidden)
    if (width < 1) throw model.error("hidden", "every layer must have a width of at least 1");
  AutoencoderSettings settings{
      hidden,
      //= coordinates
      read_count(model, "latent", 2), read_activation(model, "tanh"),
      //= what a trained model answers with. With `"latent"` its outputs have `latent` numbers
      model.choice("answer", {"reconstruction", "latent"}, "reconstruction") == "latent"
          ? Answer::latent
          : Answer::reconstruction};
  if (settings.answer == Answer::latent && shape.out != settings.latent)
    throw wrong(model, "latent",
                "the answer, which is the latent numbers, has " + std::to_string(shape.out));
  if (settings.answer == Answer::reconstruction && shape.out % shape.in != 0)
    throw wrong(model, "answer",
                "a reconstruction of " + std::to_string(shape.in) + " numbers cannot have " +
                    std::to_string(shape.out),
                "Give the outputs as many numbers as the inputs.");
  return settings;
}

std::int64_t decoded(const AutoencoderSettings& settings, const NetworkShape& shape)
{
  return settings.answer == Answer::reconstruction ? shape.out : shape.in;
}

Autoencoder::Autoencoder(const NetworkShape& shape, const AutoencoderSettings& settings)
    : answer_(settings.answer)
{
  const std::vector<std::int64_t> reversed(settings.hidden.rbegin(), settings.hidden.rend());
  encoder_ = register_module(
      "encoder",
      std::make_shared<Dense>(shape.in, settings.hidden, settings.latent, settings.activation));
  decoder_ = register_module(
      "decoder", std::make_shared<Dense>(settings.latent, reversed, decoded(settings, shape),
                                         settings.activation));
}

at::Tensor Autoencoder::encode(const at::Tensor& samples)
{
  return encoder_->forward(samples);
}

at::Tensor Autoencoder::decode(const at::Tensor& latent)
{
  return decoder_->forward(latent);
}

at::Tensor Autoencoder::forward(const at::Tensor& samples)
{
  const at::Tensor latent = encode(samples);
  return answer_ == Answer::latent && !is_training() ? latent : decode(latent);
}

std::string Autoencoder::script() const
{
  return std::string(
             "def encode(self, x):\n    return self.encoder.forward(x)\n\n"
             "def decode(self, x):\n    return self.decoder.forward(x)\n\n"
             "def forward(self, x):\n    return ") +
         (answer_ == Answer::latent ? "self.encode(x)" : "self.decode(self.encode(x))") + "\n";
}

//= [surrogate.NAME.model] autoencoder
std::shared_ptr<Network> make_autoencoder(const Config& model, const NetworkShape& shape)
{
  return std::make_shared<Autoencoder>(shape, read_autoencoder(model, shape));
}

}  // namespace cardan::families
