#include "couplers/reduction/quantise.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace cardan::reduction {

namespace {

/// Added to a number below 2^51 in size, this leaves the nearest whole one in the last bits of its
/// fraction.
constexpr double magic = 6755399441055744.0;  // 1.5 * 2^52
constexpr std::uint64_t magic_bits = 0x4338000000000000;
constexpr double largest = 1125899906842624.0;  // 2^50

/// Of a number to which `magic` was added, and back.
std::int64_t whole(double shifted)
{
  return static_cast<std::int64_t>(std::bit_cast<std::uint64_t>(shifted) - magic_bits);
}
double number(std::int64_t q)
{
  return std::bit_cast<double>(static_cast<std::uint64_t>(q) + magic_bits) - magic;
}

/// Blocks of numbers that stay in the nearest cache.
constexpr std::int64_t piece = 512;

template <bool has_foretold>
Quantised quantise_piece(const double* x, const double* foretold, std::int64_t count, double step,
                         double eps, std::int64_t* q, double* back)
{
  const double inverse = 1 / step;
  double most = 0;
  std::int64_t missed = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const double from = has_foretold ? foretold[i] : 0.0;
    const double scaled = (x[i] - from) * inverse;
    const double shifted = scaled + magic;
    const double y = from + (shifted - magic) * step;
    const double error = std::abs(x[i] - y);
    const bool kept = std::abs(scaled) <= largest && error <= eps;
    q[i] = whole(shifted);
    back[i] = y;
    const double counted = kept ? error : 0.0;
    most = counted > most ? counted : most;
    missed += kept ? 0 : 1;
  }
  if (missed > 0)
    for (std::int64_t i = 0; i < count; ++i) {
      const double from = has_foretold ? foretold[i] : 0.0;
      if (std::abs((x[i] - from) * inverse) <= largest && std::abs(x[i] - back[i]) <= eps) continue;
      q[i] = 0;
      back[i] = from;
    }
  return {most, missed};
}

}  // namespace

Quantised quantise(const double* x, const double* foretold, std::int64_t count, double step,
                   double eps, std::int64_t* q, double* back)
{
  Quantised all;
  for (std::int64_t i = 0; i < count; i += piece) {
    const std::int64_t some = std::min(piece, count - i);
    const Quantised part =
        foretold != nullptr
            ? quantise_piece<true>(x + i, foretold + i, some, step, eps, q + i, back + i)
            : quantise_piece<false>(x + i, nullptr, some, step, eps, q + i, back + i);
    all.max_error = std::max(all.max_error, part.max_error);
    all.missed += part.missed;
  }
  return all;
}

void restore(const std::int64_t* q, const double* foretold, std::int64_t count, double step,
             double* back)
{
  for (std::int64_t i = 0; i < count; ++i) {
    const double from = foretold != nullptr ? foretold[i] : 0.0;
    back[i] = from + number(q[i]) * step;
  }
}

void round_latents(double* latents, std::int64_t count, const std::vector<double>& steps,
                   std::int64_t* q, std::int64_t stride)
{
  const auto each = static_cast<std::int64_t>(steps.size());
  for (std::int64_t k = 0; k < each; ++k) {
    const double step = steps[static_cast<std::size_t>(k)];
    const double inverse = 1 / step;
    for (std::int64_t b = 0; b < count; ++b) {
      double& z = latents[b * each + k];
      const double scaled = z * inverse;
      const double shifted = (std::abs(scaled) <= largest ? scaled : 0.0) + magic;
      q[k * stride + b] = whole(shifted);
      z = (shifted - magic) * step;
    }
  }
}

void restore_latents(const std::int64_t* q, std::int64_t stride, std::int64_t count,
                     const std::vector<double>& steps, double* latents)
{
  const auto each = static_cast<std::int64_t>(steps.size());
  for (std::int64_t k = 0; k < each; ++k) {
    const double step = steps[static_cast<std::size_t>(k)];
    for (std::int64_t b = 0; b < count; ++b)
      latents[b * each + k] = number(q[k * stride + b]) * step;
  }
}

// Numbers of either sign in their order: negative ones count from the other end.
void ordered(const double* x, std::int64_t count, bool floats, std::int64_t* q)
{
  if (floats)
    for (std::int64_t i = 0; i < count; ++i) {
      const auto bits = std::bit_cast<std::int32_t>(static_cast<float>(x[i]));
      q[i] = bits ^ ((bits >> 31) & 0x7fffffff);
    }
  else
    for (std::int64_t i = 0; i < count; ++i) {
      const auto bits = std::bit_cast<std::int64_t>(x[i]);
      q[i] = bits ^ ((bits >> 63) & 0x7fffffffffffffff);
    }
}

void unordered(const std::int64_t* q, std::int64_t count, bool floats, double* x)
{
  if (floats)
    for (std::int64_t i = 0; i < count; ++i) {
      const auto bits = static_cast<std::int32_t>(q[i]);
      x[i] = static_cast<double>(std::bit_cast<float>(bits ^ ((bits >> 31) & 0x7fffffff)));
    }
  else
    for (std::int64_t i = 0; i < count; ++i)
      x[i] = std::bit_cast<double>(q[i] ^ ((q[i] >> 63) & 0x7fffffffffffffff));
}

bool all_floats(const double* x, std::int64_t count)
{
  for (std::int64_t i = 0; i < count; ++i) {
    const auto back = static_cast<double>(static_cast<float>(x[i]));
    if (std::bit_cast<std::uint64_t>(back) != std::bit_cast<std::uint64_t>(x[i])) return false;
  }
  return true;
}

}  // namespace cardan::reduction
