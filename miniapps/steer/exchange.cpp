#include "exchange.hpp"

#include "cluster.hpp"
#include "langevin.hpp"
#include "quench.hpp"
#include "random.hpp"

#include <cmath>
#include <cstddef>

namespace steer {
namespace {

constexpr std::size_t blocks = 20;
constexpr double between = 0.5;  // exchanges

/// 0 to 3; 4 for none of them.
std::size_t isomer(const Lj7& potential, const Lj7::Vector& frame)
{
  const double energy = quench(potential, frame).energy;
  std::size_t i = 0;
  while (i < 4 && std::abs(energy - lj7_kind().isomers[i].energy) > 2e-3) ++i;
  return i;
}

/// Neighbours exchange their positions, and their velocities as the temperatures ask.
void exchange(std::vector<Langevin<Lj7>>& replicas, const std::vector<double>& temperatures,
              std::size_t low, Random& random)
{
  auto& a = replicas[low];
  auto& b = replicas[low + 1];
  const double gain =
      (1 / temperatures[low] - 1 / temperatures[low + 1]) * (a.energy() - b.energy());
  if (gain < 0 && random.uniform() >= std::exp(gain)) return;
  const double scale = std::sqrt(temperatures[low + 1] / temperatures[low]);
  const Lj7::Vector x = a.positions();
  Lj7::Vector up = a.velocities();
  Lj7::Vector down = b.velocities();
  for (double& v : up) v *= scale;
  for (double& v : down) v /= scale;
  a.start(b.positions(), down);
  b.start(x, up);
}

}  // namespace

std::vector<Populations> exchanged_populations(const std::vector<double>& temperatures, double time,
                                               std::uint64_t seed)
{
  const Lj7 potential(lj7_kind().wall);
  const double dt = lj7_kind().dt;
  Random random(seed);
  std::vector<Langevin<Lj7>> replicas;
  Lj7::Vector start{};
  for (std::size_t i = 0; i < Lj7::count; ++i) {
    const std::size_t row = i / 3;
    start[i] = 1.1 * static_cast<double>(i % 3);
    start[Lj7::count + i] = 1.1 * static_cast<double>(row);
  }
  start = quench(potential, start).x;
  for (const double temperature : temperatures) {
    replicas.emplace_back(potential, temperature, dt, 1.0);
    replicas.back().start(start, Lj7::Vector{});
  }
  const auto steps = static_cast<std::int64_t>(std::lround(between / dt));
  const auto rounds = static_cast<std::size_t>(time / between / blocks);
  std::vector<std::array<std::vector<double>, 4>> shares(temperatures.size());
  for (std::size_t block = 0; block < blocks; ++block) {
    std::vector<std::array<double, 5>> counts(temperatures.size());
    for (std::size_t round = 0; round < rounds; ++round) {
      for (std::size_t i = 0; i < replicas.size(); ++i) {
        replicas[i].advance(steps, random);
        counts[i][isomer(potential, replicas[i].positions())] += 1;
      }
      for (std::size_t i = round % 2; i + 1 < replicas.size(); i += 2) {
        exchange(replicas, temperatures, i, random);
      }
    }
    if (block == 0) continue;
    for (std::size_t i = 0; i < replicas.size(); ++i) {
      for (std::size_t k = 0; k < 4; ++k) {
        shares[i][k].push_back(counts[i][k] / static_cast<double>(rounds));
      }
    }
  }
  std::vector<Populations> result;
  for (const auto& each : shares) {
    Populations populations;
    for (std::size_t k = 0; k < 4; ++k) populations[k] = estimate(each[k]);
    result.push_back(populations);
  }
  return result;
}

}  // namespace steer
