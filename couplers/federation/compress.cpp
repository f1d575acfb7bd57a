#include "couplers/federation/compress.hpp"

#include <cardan/error.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <numeric>

namespace cardan::federation {

namespace {

constexpr std::size_t scale_bytes = sizeof(double);

/// Bits of numbers one behind the other, the lowest first.
class Bits {
 public:
  Bits(std::byte* at, int width) : at_(at), width_(width) {}
  void put(std::uint32_t number)
  {
    held_ |= std::uint64_t{number} << filled_;
    for (filled_ += width_; filled_ >= 8; filled_ -= 8, held_ >>= 8U)
      *at_++ = static_cast<std::byte>(held_ & 0xFFU);
  }
  void end()
  {
    if (filled_ > 0) *at_ = static_cast<std::byte>(held_ & 0xFFU);
  }

 private:
  std::byte* at_;
  int width_;
  std::uint64_t held_ = 0;
  int filled_ = 0;
};

}  // namespace

Codec::Codec(const CompressSettings& settings, std::size_t count, Dtype dtype)
    : settings_(settings),
      count_(count),
      dtype_(dtype),
      element_(static_cast<std::size_t>(size_of(dtype)))
{
  switch (settings.kind) {
    case CompressSettings::Kind::none: bytes_ = count * element_; return;
    case CompressSettings::Kind::top_k:
      largest_ = std::min(
          count, static_cast<std::size_t>(std::ceil(settings.share * static_cast<double>(count))));
      bytes_ = largest_ * (sizeof(std::uint32_t) + element_);
      return;
    case CompressSettings::Kind::quantise:
      bytes_ = scale_bytes + (count * static_cast<std::size_t>(settings.bits) + 7) / 8;
      return;
  }
}

void Codec::put(std::byte* to, double number) const
{
  const auto narrow = static_cast<float>(number);
  if (dtype_ == Dtype::float32)
    std::memcpy(to, &narrow, sizeof narrow);
  else
    std::memcpy(to, &number, sizeof number);
}

double Codec::get(const std::byte* from) const
{
  float narrow = 0;
  double number = 0;
  if (dtype_ == Dtype::float32) {
    std::memcpy(&narrow, from, sizeof narrow);
    return narrow;
  }
  std::memcpy(&number, from, sizeof number);
  return number;
}

void Codec::encode(std::span<const double> update, std::span<std::byte> to) const
{
  switch (settings_.kind) {
    case CompressSettings::Kind::none:
      for (std::size_t i = 0; i < count_; ++i) put(to.data() + i * element_, update[i]);
      return;
    case CompressSettings::Kind::top_k: return encode_largest(update, to.data());
    case CompressSettings::Kind::quantise: return encode_levels(update, to.data());
  }
}

void Codec::encode_largest(std::span<const double> update, std::byte* to) const
{
  std::vector<std::uint32_t> order(count_);
  std::iota(order.begin(), order.end(), 0U);
  const auto middle = order.begin() + static_cast<std::ptrdiff_t>(largest_);
  std::nth_element(order.begin(), middle, order.end(), [&](std::uint32_t a, std::uint32_t b) {
    const double x = std::abs(update[a]);
    const double y = std::abs(update[b]);
    return x != y ? x > y : a < b;
  });
  std::sort(order.begin(), middle);
  std::byte* values = to + largest_ * sizeof(std::uint32_t);
  std::memcpy(to, order.data(), largest_ * sizeof(std::uint32_t));
  for (std::size_t i = 0; i < largest_; ++i) put(values + i * element_, update[order[i]]);
}

void Codec::encode_levels(std::span<const double> update, std::byte* to) const
{
  double scale = 0;
  for (const double number : update) scale = std::max(scale, std::abs(number));
  std::memcpy(to, &scale, sizeof scale);
  const auto levels = static_cast<double>((1U << static_cast<unsigned>(settings_.bits - 1)) - 1);
  Bits bits{to + scale_bytes, settings_.bits};
  for (const double number : update) {
    const double level = scale > 0 ? std::nearbyint(number / scale * levels) : 0;
    bits.put(static_cast<std::uint32_t>(level + levels));
  }
  bits.end();
}

void Codec::decode(std::span<const std::byte> from, std::span<double> update) const
{
  if (from.size() != bytes_ || update.size() != count_)
    throw Error{"bytes that are no update of this model", "their number is another"};
  if (settings_.kind == CompressSettings::Kind::none) {
    for (std::size_t i = 0; i < count_; ++i) update[i] = get(from.data() + i * element_);
    return;
  }
  if (settings_.kind == CompressSettings::Kind::top_k) {
    std::fill(update.begin(), update.end(), 0.0);
    const std::byte* values = from.data() + largest_ * sizeof(std::uint32_t);
    for (std::size_t i = 0; i < largest_; ++i) {
      std::uint32_t place = 0;
      std::memcpy(&place, from.data() + i * sizeof place, sizeof place);
      if (place >= count_) throw Error{"bytes that are no update", "a place is beyond the model"};
      update[place] = get(values + i * element_);
    }
    return;
  }
  double scale = 0;
  std::memcpy(&scale, from.data(), sizeof scale);
  const auto width = static_cast<unsigned>(settings_.bits);
  const auto levels = static_cast<double>((1U << (width - 1)) - 1);
  const std::byte* at = from.data() + scale_bytes;
  std::uint64_t held = 0;
  unsigned filled = 0;
  for (double& number : update) {
    for (; filled < width; filled += 8)
      held |= std::uint64_t{std::to_integer<unsigned>(*at++)} << filled;
    const auto level = static_cast<double>(held & ((1U << width) - 1));
    held >>= width;
    filled -= width;
    number = (level - levels) / levels * scale;
  }
}

Feedback::Feedback(const Codec& codec)
    : codec_(codec), left_out_(codec.count(), 0.0), sent_(codec.count(), 0.0)
{}

void Feedback::encode(std::span<const double> update, std::span<std::byte> to)
{
  for (std::size_t i = 0; i < update.size(); ++i) left_out_[i] += update[i];
  codec_.encode(left_out_, to);
  codec_.decode(to, sent_);
  for (std::size_t i = 0; i < update.size(); ++i) left_out_[i] -= sent_[i];
}

}  // namespace cardan::federation
