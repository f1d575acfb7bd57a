#include "forward.hpp"

#include <cardan/inverse.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <memory>

namespace invert {

namespace {

struct Coarse {
  const char* name;
  int cells;
};
constexpr std::array<Coarse, 2> coarse_meshes{{{"membrane-8", 8}, {"membrane-16", 16}}};

double median_seconds(int cells)
{
  Forward forward{cells};
  std::vector<double> theta(Mesh{}.parameters(), 0.0);
  std::vector<double> predicted(Mesh{}.measurements());
  std::array<double, 15> seconds{};
  for (double& each : seconds) {
    // Elsewhere each time: a solve is not repeated where it was just made.
    theta.front() += 0.01;
    const auto begin = std::chrono::steady_clock::now();
    forward.solve(theta, predicted);
    each = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  }
  std::nth_element(seconds.begin(), seconds.begin() + seconds.size() / 2, seconds.end());
  return seconds[seconds.size() / 2];
}

}  // namespace

Forward::Forward(int cells)
    : membrane_{[cells] {
        Mesh mesh;
        mesh.cells = cells;
        return mesh;
      }()}
{}

void Forward::take(std::span<const double> theta)
{
  stiffness_.resize(theta.size());
  for (std::size_t i = 0; i < theta.size(); ++i) stiffness_[i] = std::exp(theta[i]);
}

void Forward::solve(std::span<const double> theta, std::span<double> predicted)
{
  take(theta);
  membrane_.solve(stiffness_, predicted);
}

void Forward::pull_back(std::span<const double> theta, std::span<const double> cotangent,
                        std::span<double> gradient)
{
  take(theta);
  membrane_.pull_back(stiffness_, cotangent, gradient);
  for (std::size_t i = 0; i < gradient.size(); ++i) gradient[i] *= stiffness_[i];
}

void register_coarse_membranes()
{
  for (const auto& [name, mesh_cells] : coarse_meshes) {
    const int cells = mesh_cells;
    cardan::register_coarse_model(name, [cells]() -> cardan::CoarseModel {
      const auto forward = std::make_shared<Forward>(cells);
      return [forward](std::span<const double> theta, std::span<double> predicted) {
        forward->solve(theta, predicted);
      };
    });
  }
}

double cost_of(const std::string& coarse)
{
  for (const auto& [name, cells] : coarse_meshes)
    if (name == coarse) return median_seconds(cells) / median_seconds(Mesh{}.cells);
  return 0;
}

}  // namespace invert
