#include "couplers/reduction/hash.hpp"
#include "couplers/reduction/packing.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace cardan::reduction {

namespace {

/// What the front of a frame and its pieces' lengths take at most.
constexpr std::int64_t most_front = 128;

std::size_t at(std::int64_t i)
{
  return static_cast<std::size_t>(i);
}

bool same_bits(double a, double b)
{
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

}  // namespace

bool Packer::Implementation::is_still(const double* values, std::int64_t block, double limit)
{
  blocking.cut(values, block, x.data());
  blocking.cut(shown.data(), block, back.data());
  const auto end = x.begin() + blocking.numbers();
  return std::equal(x.begin(), end, back.begin(), [=](double now, double there) {
    return limit > 0 && std::abs(now - there) <= limit ? true : same_bits(now, there);
  });
}

void Packer::Implementation::choose_blocks(const double* values, double eps, bool all)
{
  blocks.clear();
  for (std::int64_t b = 0; b < blocking.count(); ++b)
    if (all || !known || !is_still(values, b, eps)) blocks.push_back(b);
}

double Packer::Implementation::largest_error(const double* values) const
{
  double most = 0;
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const double error = std::abs(values[i] - shown[i]);
    most = error > most ? error : most;
  }
  return most;
}

Packer::Packer(const ReductionField& field, const std::vector<std::int64_t>& edges,
               const CodecSettings& settings)
    : implementation_(std::make_unique<Implementation>(field, edges, settings))
{}
Packer::~Packer() = default;
Packer::Packer(Packer&&) noexcept = default;

std::size_t Packer::most_bytes() const
{
  const Blocking& blocking = implementation_->blocking;
  return at(most_front + blocking.count() / 8 +
            blocking.count() * blocking.numbers() * std::int64_t{sizeof(double)});
}

// Exceptions are for the few numbers that rounding or their size takes out of the bound's reach.
// Where there are many, the field may take fewer bytes with every bit of it.
Packed Packer::pack(const double* values, double eps, double still, bool full,
                    const Transform& transform, std::span<std::byte> into)
{
  auto& own = *implementation_;
  const Blocking& blocking = own.blocking;
  if (!(eps >= 0) || !std::isfinite(eps))
    throw Error{"a field cannot be packed", "its bound is " + std::to_string(eps)};
  if (transform.numbers() != blocking.numbers())
    throw Error{"a field cannot be packed",
                "its blocks have " + std::to_string(blocking.numbers()) +
                    " numbers, and the encoder reads " + std::to_string(transform.numbers())};
  own.choose_blocks(values, eps, full || !(still > 0));
  own.known = false;

  Packed packed;
  packed.blocks = blocking.count();
  packed.sent = static_cast<std::int64_t>(own.blocks.size());
  packed.plain = true;
  const Packed exact = packed;
  const std::int64_t numbers = packed.sent * blocking.numbers();
  const double bound = still > 0 ? eps * std::max(1 - still, 0.5) : eps;
  const bool can_quantise = std::isnormal(bound) && std::isnormal(1 / bound);
  if (can_quantise) {
    own.quantised(values, bound, transform, packed);
    packed.plain = !own.frame.transformed;
    packed.exceptions = static_cast<std::int64_t>(own.places.size());
  }
  if (!can_quantise || packed.exceptions * 32 > numbers) {
    std::swap(own.out, own.other);
    own.lossless(values);
    if (can_quantise && own.other.size() <= own.out.size()) {
      std::swap(own.out, own.other);
    } else {
      own.show(values);
      packed = exact;
      packed.residual_bytes = own.out.size();
    }
  }
  if (own.out.size() + at(most_front) > at(numbers) * (own.floats ? 4 : 8) && packed.sent > 0) {
    std::swap(own.out, own.other);
    own.raw(values);
    if (own.out.size() < own.other.size() || own.other.size() > most_bytes()) {
      own.show(values);
      packed = exact;
      packed.residual_bytes = own.out.size();
    } else {
      std::swap(own.out, own.other);
    }
  }
  packed.bytes = own.out.size();
  if (packed.bytes > into.size())
    throw Error{"a field cannot be packed", "it needs " + std::to_string(packed.bytes) +
                                                " bytes, and there is room for " +
                                                std::to_string(into.size())};
  std::copy(own.out.begin(), own.out.end(), into.begin());
  // What was sent has been compared already, its padding too, which is no part of the field.
  const bool compared =
      own.all_sent() && blocking.count() * blocking.numbers() == blocking.field_numbers();
  packed.max_error = compared ? own.worst : own.largest_error(values);
  packed.checksum = hash(own.shown.data(), blocking.field_numbers());
  own.known = true;
  return packed;
}

}  // namespace cardan::reduction
