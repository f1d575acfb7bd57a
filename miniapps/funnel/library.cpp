#include "library.hpp"

#include "random.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <numeric>
#include <stdexcept>

namespace funnel {

namespace {

/// Waves along an edge of the period; shorter ones have no amplitude to speak of.
int waves_of(const LibrarySettings& settings)
{
  return std::min(16, settings.size / 2 - 1);
}

double log_uniform(Random& random, double low, double high)
{
  return low * std::pow(high / low, random.uniform());
}

Recipe draw(Random& random, const LibrarySettings& settings)
{
  Recipe recipe;
  recipe.fraction = random.uniform(settings.least_fraction, settings.most_fraction);
  recipe.length = log_uniform(random, settings.least_length, settings.most_length);
  recipe.ratio = log_uniform(random, 1, settings.most_ratio);
  recipe.angle = random.uniform(0, std::numbers::pi);
  return recipe;
}

Random random_of(const LibrarySettings& settings, std::int64_t candidate)
{
  return {settings.seed, static_cast<std::uint64_t>(candidate)};
}

}  // namespace

double Image::fraction() const
{
  const auto better = std::accumulate(pixels.begin(), pixels.end(), std::int64_t{0});
  return static_cast<double>(better) / static_cast<double>(pixels.size());
}

Library::Library(const LibrarySettings& settings) : settings_(settings)
{
  if (settings.size < 4) throw std::invalid_argument("a period must have at least 4 pixels");
  if (!(settings.least_fraction >= 0 && settings.least_fraction <= settings.most_fraction &&
        settings.most_fraction <= 1))
    throw std::invalid_argument("fractions must be from 0 to 1, the least one first");
  if (!(settings.least_length > 0 && settings.least_length <= settings.most_length))
    throw std::invalid_argument("correlation lengths must be positive, the least one first");
  if (!(settings.most_ratio >= 1 && settings.most_ratio < 1e3))
    throw std::invalid_argument("the ratio of correlation lengths must be from 1 to 1000");
  const auto size = static_cast<std::size_t>(settings.size);
  cosines_.resize(size);
  sines_.resize(size);
  for (std::size_t i = 0; i < size; ++i) {
    const double angle =
        2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(settings.size);
    cosines_[i] = std::cos(angle);
    sines_[i] = std::sin(angle);
  }
}

Recipe Library::recipe(std::int64_t candidate) const
{
  Random random = random_of(settings_, candidate);
  return draw(random, settings_);
}

Image Library::image(std::int64_t candidate) const
{
  Random random = random_of(settings_, candidate);
  const Recipe recipe = draw(random, settings_);
  return cut(field(random, recipe), recipe.fraction);
}

std::vector<double> Library::field(Random& random, const Recipe& recipe) const
{
  const int size = settings_.size;
  const auto edge = static_cast<std::size_t>(size);
  const int waves = waves_of(settings_);
  const double along = recipe.length * std::sqrt(recipe.ratio);
  const double across = recipe.length / std::sqrt(recipe.ratio);
  const double c = std::cos(recipe.angle);
  const double s = std::sin(recipe.angle);
  const double unit = 2 * std::numbers::pi / size;
  std::vector<double> field(edge * edge, 0.0);
  // For each wave along x the sum over those along y; half of the plane, the field being real.
  std::vector<double> real(edge);
  std::vector<double> imaginary(edge);
  Waves wave(edge);
  for (int kx = 0; kx <= waves; ++kx) {
    std::fill(real.begin(), real.end(), 0.0);
    std::fill(imaginary.begin(), imaginary.end(), 0.0);
    for (int ky = -waves; ky <= waves; ++ky) {
      const double phase = 2 * std::numbers::pi * random.uniform();
      const double qa = unit * (c * kx + s * ky) * along;
      const double qb = unit * (c * ky - s * kx) * across;
      const double exponent = (qa * qa + qb * qb) / 4;
      if ((kx == 0 && ky <= 0) || exponent > 12) continue;
      const double amplitude = std::exp(-exponent);
      const double a = amplitude * std::cos(phase);
      const double b = amplitude * std::sin(phase);
      turn(ky, wave);
      for (std::size_t y = 0; y < edge; ++y) {
        real[y] += a * wave.cosines[y] - b * wave.sines[y];
        imaginary[y] += a * wave.sines[y] + b * wave.cosines[y];
      }
    }
    turn(kx, wave);
    for (std::size_t y = 0; y < edge; ++y) {
      double* row = &field[y * edge];
      for (std::size_t x = 0; x < edge; ++x)
        row[x] += real[y] * wave.cosines[x] - imaginary[y] * wave.sines[x];
    }
  }
  return field;
}

void Library::turn(int k, Waves& wave) const
{
  const auto edge = cosines_.size();
  const auto step = static_cast<std::size_t>(k + settings_.size) % edge;
  std::size_t place = 0;
  for (std::size_t i = 0; i < edge; ++i) {
    wave.cosines[i] = cosines_[place];
    wave.sines[i] = sines_[place];
    place += step;
    if (place >= edge) place -= edge;
  }
}

Image Library::cut(const std::vector<double>& field, double fraction) const
{
  auto better = std::lround(fraction * static_cast<double>(field.size()));
  Image image{settings_.size, std::vector<std::uint8_t>(field.size(), 0)};
  if (better == 0) return image;
  std::vector<double> sorted = field;
  const auto last = sorted.begin() + (better - 1);
  std::nth_element(sorted.begin(), last, sorted.end(), std::greater<>{});
  const double level = *last;
  // Of pixels at the level the first: as many as were asked for.
  for (std::size_t i = 0; i < field.size(); ++i)
    if (field[i] > level) {
      image.pixels[i] = 1;
      --better;
    }
  for (std::size_t i = 0; i < field.size() && better > 0; ++i)
    if (field[i] == level) {
      image.pixels[i] = 1;
      --better;
    }
  return image;
}

}  // namespace funnel
