#include "couplers/reduction/matrix.hpp"
#include "couplers/reduction/transform_bytes.hpp"

#include <cmath>

namespace cardan::reduction {

namespace {

std::int64_t size(const std::vector<double>& numbers)
{
  return static_cast<std::int64_t>(numbers.size());
}

class Linear : public Transform {
 public:
  Linear(std::vector<double> mean, std::vector<double> centre, std::vector<double> encoder,
         std::vector<double> decoder)
      : mean_(std::move(mean)),
        centre_(std::move(centre)),
        encoder_(std::move(encoder)),
        decoder_(std::move(decoder))
  {
    const std::int64_t numbers = size(mean_);
    if (numbers < 1) throw Error{"a linear transform is wrong", "a block has no numbers"};
    latent_ = size(decoder_) / numbers;
    if (size(decoder_) != latent_ * numbers || encoder_.size() != decoder_.size() ||
        centre_.size() != mean_.size())
      throw Error{"a linear transform is wrong", "mean, encoder and decoder do not fit each other"};
    to_latents_ = Matrix(numbers, latent_, encoder_);
    to_blocks_ = Matrix(latent_, numbers, decoder_);
  }

  [[nodiscard]] const char* kind() const override { return "linear"; }
  [[nodiscard]] std::int64_t numbers() const override { return size(mean_); }
  [[nodiscard]] std::int64_t latent() const override { return latent_; }

  void encode(const double* blocks, std::int64_t count, double* latents) const override
  {
    to_latents_.apply_all(blocks, count, mean_.data(), nullptr, latents);
  }

  void decode(const double* latents, std::int64_t count, double* blocks) const override
  {
    to_blocks_.apply_all(latents, count, nullptr, centre_.data(), blocks);
  }

  [[nodiscard]] std::vector<double> weights() const override
  {
    std::vector<double> all;
    for (std::int64_t k = 0; k < latent_; ++k) {
      double squares = 0;
      for (std::int64_t n = 0; n < numbers(); ++n) {
        const double d = decoder_[static_cast<std::size_t>(k * numbers() + n)];
        squares += d * d;
      }
      all.push_back(std::sqrt(squares / static_cast<double>(numbers())));
    }
    return all;
  }

  [[nodiscard]] std::vector<std::byte> bytes() const override
  {
    std::vector<std::byte> bytes;
    Writer to = begin_transform(bytes, TransformKind::linear);
    for (const auto* numbers : {&mean_, &centre_, &encoder_, &decoder_}) put(to, *numbers);
    return bytes;
  }

 private:
  std::vector<double> mean_;
  std::vector<double> centre_;
  std::vector<double> encoder_;
  std::vector<double> decoder_;
  std::int64_t latent_ = 0;
  Matrix to_latents_;
  Matrix to_blocks_;
};

}  // namespace

std::unique_ptr<Transform> linear_transform(std::vector<double> mean, std::vector<double> encoder,
                                            std::vector<double> decoder)
{
  auto centre = mean;
  return linear_transform(std::move(mean), std::move(centre), std::move(encoder),
                          std::move(decoder));
}

std::unique_ptr<Transform> linear_transform(std::vector<double> mean, std::vector<double> centre,
                                            std::vector<double> encoder,
                                            std::vector<double> decoder)
{
  return std::make_unique<Linear>(std::move(mean), std::move(centre), std::move(encoder),
                                  std::move(decoder));
}

std::unique_ptr<Transform> read_linear(Reader& from)
{
  auto mean = get_numbers(from);
  auto centre = get_numbers(from);
  auto encoder = get_numbers(from);
  auto decoder = get_numbers(from);
  if (mean.empty()) Reader::damaged("a linear transform has no numbers");
  return linear_transform(std::move(mean), std::move(centre), std::move(encoder),
                          std::move(decoder));
}

}  // namespace cardan::reduction
