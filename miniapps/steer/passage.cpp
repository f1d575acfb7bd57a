#include "passage.hpp"

#include "muller_brown.hpp"
#include "overdamped.hpp"
#include "random.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <vector>

namespace steer {
namespace {

constexpr std::size_t cells = 240;  // each way
constexpr double low_x = -1.9;
constexpr double low_y = -0.9;
constexpr double width = 3.4 / cells;
constexpr double highest = 40;  // in kT above A: higher is never visited

double to_disc(double x, double y)
{
  const auto& b = MullerBrown::minima[1];
  return std::sqrt((x - b[0]) * (x - b[0]) + (y - b[1]) * (y - b[1])) - disc;
}

/// The equation as a symmetric matrix with five points a row, scaled by the square root of the
/// equilibrium density; rows of the disc are the unit matrix.
struct Grid {
  explicit Grid(double kT);
  void multiply(const std::vector<double>& in, std::vector<double>& out) const;

  std::vector<double> scale;     // exp(-V / 2 kT), 0 in the disc
  std::vector<double> diagonal;  // of the matrix
  std::vector<double> right;     // to the next x
  std::vector<double> up;        // to the next y
};

Grid::Grid(double kT)
    : scale(cells * cells), diagonal(cells * cells), right(cells * cells), up(cells * cells)
{
  const MullerBrown potential;
  MullerBrown::Vector force{};
  const double lowest = potential.evaluate(MullerBrown::minima[0], force);
  std::vector<double> u(cells * cells);
  std::vector<char> inside(cells * cells);
  for (std::size_t i = 0; i < cells; ++i) {
    for (std::size_t j = 0; j < cells; ++j) {
      const double x = low_x + width * (static_cast<double>(i) + 0.5);
      const double y = low_y + width * (static_cast<double>(j) + 0.5);
      const std::size_t at = i * cells + j;
      u[at] = std::min((potential.evaluate({x, y}, force) - lowest) / kT, highest);
      inside[at] = to_disc(x, y) <= 0;
      scale[at] = inside[at] ? 0 : std::exp(-u[at] / 2);
    }
  }
  const double rate = kT / (width * width);
  // Flow between two cells, relative to the density of the first: Bernoulli's function.
  const auto bernoulli = [](double d) {
    return std::abs(d) < 1e-8 ? 1 - d / 2 : d / std::expm1(d);
  };
  const auto connect = [&](std::size_t a, std::size_t b, double& link) {
    const double d = u[b] - u[a];
    diagonal[a] += rate * bernoulli(d);
    diagonal[b] += rate * bernoulli(-d);
    if (!inside[a] && !inside[b]) link = -rate * bernoulli(d) * std::exp(d / 2);
  };
  for (std::size_t i = 0; i < cells; ++i) {
    for (std::size_t j = 0; j < cells; ++j) {
      const std::size_t at = i * cells + j;
      if (i + 1 < cells) connect(at, at + cells, right[at]);
      if (j + 1 < cells) connect(at, at + 1, up[at]);
    }
  }
}

void Grid::multiply(const std::vector<double>& in, std::vector<double>& out) const
{
  for (std::size_t at = 0; at < in.size(); ++at) out[at] = diagonal[at] * in[at];
  for (std::size_t at = 0; at + cells < in.size(); ++at) {
    out[at] += right[at] * in[at + cells];
    out[at + cells] += right[at] * in[at];
  }
  for (std::size_t at = 0; at + 1 < in.size(); ++at) {
    out[at] += up[at] * in[at + 1];
    out[at + 1] += up[at] * in[at];
  }
}

double dot(const std::vector<double>& a, const std::vector<double>& b)
{
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// Conjugate gradients, preconditioned by the diagonal.
std::vector<double> solve(const Grid& grid)
{
  std::vector<double> x(grid.scale.size());
  std::vector<double> residual = grid.scale;
  std::vector<double> z(x.size());
  std::vector<double> product(x.size());
  const auto precondition = [&] {
    for (std::size_t i = 0; i < z.size(); ++i) z[i] = residual[i] / grid.diagonal[i];
  };
  precondition();
  std::vector<double> direction = z;
  double here = dot(residual, z);
  const double enough = 1e-24 * here;
  for (int step = 0; here > enough; ++step) {
    if (step == 200000) throw std::runtime_error("the mean first-passage time does not converge");
    grid.multiply(direction, product);
    const double alpha = here / dot(direction, product);
    for (std::size_t i = 0; i < x.size(); ++i) {
      x[i] += alpha * direction[i];
      residual[i] -= alpha * product[i];
    }
    precondition();
    const double next = dot(residual, z);
    for (std::size_t i = 0; i < x.size(); ++i) {
      direction[i] = z[i] + next / here * direction[i];
    }
    here = next;
  }
  return x;
}

}  // namespace

double mean_first_passage(double kT)
{
  const Grid grid(kT);
  const std::vector<double> scaled = solve(grid);
  // Linear between the four cells around A.
  const double x = (MullerBrown::minima[0][0] - low_x) / width - 0.5;
  const double y = (MullerBrown::minima[0][1] - low_y) / width - 0.5;
  const auto i = static_cast<std::size_t>(x);
  const auto j = static_cast<std::size_t>(y);
  const auto time = [&](std::size_t a, std::size_t b) {
    return scaled[a * cells + b] / grid.scale[a * cells + b];
  };
  const double s = x - static_cast<double>(i);
  const double t = y - static_cast<double>(j);
  return (1 - s) * ((1 - t) * time(i, j) + t * time(i, j + 1)) +
         s * ((1 - t) * time(i + 1, j) + t * time(i + 1, j + 1));
}

Estimate sample_first_passage(double kT, double dt, std::int64_t walks, std::uint64_t seed)
{
  Random random(seed);
  Overdamped<MullerBrown> dynamics(MullerBrown{}, kT, dt);
  std::vector<double> times;
  for (std::int64_t walk = 0; walk < walks; ++walk) {
    dynamics.start(MullerBrown::minima[0], random);
    std::int64_t steps = 0;
    double before = 0;
    double now = to_disc(MullerBrown::minima[0][0], MullerBrown::minima[0][1]);
    bool arrived = false;
    while (!arrived) {
      before = now;
      dynamics.advance(1, random);
      ++steps;
      const auto y = dynamics.path();
      now = to_disc(y[0], y[1]);
      const double far = before * now / (kT * dt);
      arrived = now <= 0 || (far < 30 && random.uniform() < std::exp(-far));
    }
    times.push_back(static_cast<double>(steps) * dt);
  }
  return estimate(times);
}

}  // namespace steer
