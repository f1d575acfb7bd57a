#include "homogenise.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace funnel {

double Bracket::label() const
{
  return std::sqrt(lower.xx * upper.xx);
}

double Bracket::width() const
{
  return upper.xx / lower.xx - 1;
}

bool Bracket::holds(double value, double slack) const
{
  return value >= lower.xx * (1 - slack) && value <= upper.xx * (1 + slack);
}

std::vector<double> conductivities(const Image& image, const Phases& phases, int factor)
{
  if (factor < 1) throw std::invalid_argument("a refinement must be by at least 1");
  const int size = image.size * factor;
  std::vector<double> values;
  values.reserve(static_cast<std::size_t>(size) * static_cast<std::size_t>(size));
  for (int y = 0; y < size; ++y)
    for (int x = 0; x < size; ++x) {
      const int pixel = (y / factor) * image.size + x / factor;
      const bool better = image.pixels[static_cast<std::size_t>(pixel)] != 0;
      values.push_back(better ? phases.better : phases.worse);
    }
  return values;
}

std::vector<double> coarse_conductivities(const Image& image, const Phases& phases, int size)
{
  if (size < 1 || image.size % size != 0)
    throw std::invalid_argument("a coarse picture's size must divide the image's");
  const int factor = image.size / size;
  std::vector<double> values(static_cast<std::size_t>(size) * static_cast<std::size_t>(size), 0.0);
  for (int y = 0; y < image.size; ++y)
    for (int x = 0; x < image.size; ++x) {
      const int block = (y / factor) * size + x / factor;
      const int pixel = y * image.size + x;
      values[static_cast<std::size_t>(block)] += image.pixels[static_cast<std::size_t>(pixel)];
    }
  const double log_contrast = std::log(phases.better / phases.worse);
  for (double& value : values)
    value = phases.worse * std::exp(log_contrast * value / (factor * factor));
  return values;
}

Tensor dual(const Tensor& exchanged, const Phases& phases)
{
  const double product = phases.worse * phases.better;
  const double determinant = exchanged.xx * exchanged.yy - exchanged.xy * exchanged.xy;
  // The inverse, rotated by 90 degrees, is the tensor over its determinant.
  const double scale = product / determinant;
  return {scale * exchanged.xx, scale * exchanged.xy, scale * exchanged.yy};
}

Bracket bracket(Conduction& conduction, std::span<const double> conductivity, const Phases& phases)
{
  const double product = phases.worse * phases.better;
  std::vector<double> exchanged(conductivity.size());
  std::transform(conductivity.begin(), conductivity.end(), exchanged.begin(),
                 [&](double sigma) { return product / sigma; });
  const Tensor upper = conduction.effective(conductivity);
  return {dual(conduction.effective(exchanged), phases), upper};
}

}  // namespace funnel
