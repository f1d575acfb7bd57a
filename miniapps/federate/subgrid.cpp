#include "subgrid.hpp"

#include "random.hpp"

#include "support/burgers.hpp"

#include <cmath>
#include <cstdio>
#include <numbers>
#include <stdexcept>

namespace federate {

void Samples::append(const Samples& other)
{
  count += other.count;
  inputs = other.inputs;
  outputs = other.outputs;
  input.insert(input.end(), other.input.begin(), other.input.end());
  output.insert(output.end(), other.output.begin(), other.output.end());
}

Regime regime_of(int silo, int silos)
{
  constexpr double widest = 0.9;
  constexpr double half_width = 0.3;
  const double middle = silos < 2 ? 0 : widest * (2.0 * silo / (silos - 1) - 1);
  Regime regime;
  regime.mean_low = middle - half_width;
  regime.mean_high = middle + half_width;
  return regime;
}

std::vector<double> coarse(std::span<const double> fine, int cells)
{
  const auto count = static_cast<std::size_t>(cells);
  if (cells < 1 || fine.size() % count != 0)
    throw std::invalid_argument{"cells must divide the points"};
  const std::size_t each = fine.size() / count;
  std::vector<double> means(count);
  for (std::size_t i = 0; i < fine.size(); ++i)
    means[i / each] += fine[i] / static_cast<double>(each);
  return means;
}

double central_flux(double left, double right, double viscosity, double spacing)
{
  const double middle = 0.5 * (left + right);
  return 0.5 * middle * middle - viscosity * (right - left) / spacing;
}

std::vector<double> subgrid_fluxes(std::span<const double> fine_fluxes,
                                   std::span<const double> means, double viscosity)
{
  const std::size_t each = fine_fluxes.size() / means.size();
  const double spacing = 2.0 / static_cast<double>(means.size());
  std::vector<double> fluxes(means.size());
  for (std::size_t i = 0; i < means.size(); ++i)
    fluxes[i] = fine_fluxes[(i + 1) * each - 1] -
                central_flux(means[i], means[(i + 1) % means.size()], viscosity, spacing);
  return fluxes;
}

std::string Subgrid::regime(int silo) const
{
  const Regime regime = regime_of(silo, settings_.silos);
  char text[64];
  std::snprintf(text, sizeof text, "mean wind %.2f .. %.2f", regime.mean_low, regime.mean_high);
  return text;
}

long Subgrid::shots() const
{
  return std::lround(settings_.time / settings_.every);
}

Samples Subgrid::simulate(int silo, int first, int count) const
{
  const Regime regime = regime_of(silo, settings_.silos);
  Samples samples;
  samples.inputs = inputs();
  const auto cells = static_cast<std::size_t>(settings_.cells);
  for (int run = first; run < first + count; ++run) {
    Random random{settings_.seed,
                  static_cast<std::uint64_t>(silo) * 1000003 + static_cast<std::uint64_t>(run)};
    const double viscosity =
        std::exp(random.uniform(std::log(regime.viscosity_low), std::log(regime.viscosity_high)));
    miniapp::Burgers burgers{settings_.points, viscosity};
    std::vector<double> u(static_cast<std::size_t>(settings_.points),
                          random.uniform(regime.mean_low, regime.mean_high));
    for (int wave = 1; wave <= 2; ++wave) {
      const double amplitude =
          random.uniform(regime.amplitude_low, regime.amplitude_high) * random.normal() / wave;
      const double phase = random.uniform(0, 2 * std::numbers::pi);
      for (int i = 0; i < settings_.points; ++i)
        u[static_cast<std::size_t>(i)] +=
            amplitude * std::sin(std::numbers::pi * wave * burgers.position(i) + phase);
    }
    burgers.set(u);
    for (long shot = 0; shot < shots(); ++shot) {
      burgers.advance(settings_.every);
      const auto means = coarse(burgers.velocity(), settings_.cells);
      const auto fluxes = subgrid_fluxes(burgers.fluxes(), means, viscosity);
      for (std::size_t i = 0; i < cells; ++i) {
        for (const std::size_t cell : {i + cells - 1, i, i + 1, i + 2})
          samples.input.push_back(means[cell % cells]);
        samples.input.push_back(std::log2(viscosity / viscosity_unit));
        samples.output.push_back(fluxes[i] / flux_unit);
        ++samples.count;
      }
    }
  }
  return samples;
}

Samples Subgrid::samples(int silo, Part part) const
{
  const int second = settings_.training + settings_.held_out;
  if (part == Part::training) return simulate(silo, 0, settings_.training);
  if (part == Part::held_out) return simulate(silo, settings_.training, settings_.held_out);
  return simulate(silo, second, settings_.judged);
}

}  // namespace federate
