#include "regression.hpp"

#include "random.hpp"

#include <cmath>
#include <stdexcept>

namespace federate {

namespace {

using Matrix = std::vector<Line>;

/// The system's solution by elimination with pivots.
Line solved(Matrix a, Line b)
{
  const std::size_t n = b.size();
  for (std::size_t k = 0; k < n; ++k) {
    std::size_t pivot = k;
    for (std::size_t i = k + 1; i < n; ++i)
      if (std::abs(a[i][k]) > std::abs(a[pivot][k])) pivot = i;
    if (!(std::abs(a[pivot][k]) > 1e-13)) throw std::invalid_argument{"there is no fixed point"};
    std::swap(a[k], a[pivot]);
    std::swap(b[k], b[pivot]);
    for (std::size_t i = k + 1; i < n; ++i) {
      const double factor = a[i][k] / a[k][k];
      for (std::size_t j = k; j < n; ++j) a[i][j] -= factor * a[k][j];
      b[i] -= factor * b[k];
    }
  }
  for (std::size_t k = n; k-- > 0;) {
    for (std::size_t j = k + 1; j < n; ++j) b[k] -= a[k][j] * b[j];
    b[k] /= a[k][k];
  }
  return b;
}

double component(const Samples& samples, std::int64_t row, std::size_t i)
{
  const auto inputs = static_cast<std::size_t>(samples.inputs);
  return i < inputs ? samples.input[static_cast<std::size_t>(row) * inputs + i] : 1;
}

/// Of the mean squared error: its Hessian, and minus its gradient at 0.
struct Quadratic {
  Matrix hessian;
  Line slope;
};

Quadratic quadratic_of(const Samples& samples)
{
  const auto n = static_cast<std::size_t>(samples.inputs) + 1;
  Quadratic q{Matrix(n, Line(n)), Line(n)};
  const double each = 2 / static_cast<double>(samples.count);
  for (std::int64_t row = 0; row < samples.count; ++row)
    for (std::size_t i = 0; i < n; ++i) {
      const double x = each * component(samples, row, i);
      for (std::size_t j = 0; j < n; ++j) q.hessian[i][j] += x * component(samples, row, j);
      q.slope[i] += x * samples.output[static_cast<std::size_t>(row)];
    }
  return q;
}

void step(const Quadratic& q, Line& line, double rate)
{
  Line next = line;
  for (std::size_t i = 0; i < line.size(); ++i) {
    double gradient = -q.slope[i];
    for (std::size_t j = 0; j < line.size(); ++j) gradient += q.hessian[i][j] * line[j];
    next[i] -= rate * gradient;
  }
  line = next;
}

}  // namespace

std::string Regression::regime(int silo) const
{
  return "line " + std::to_string(silo);
}

Samples Regression::draw(int silo, int part, std::int64_t count) const
{
  Random of_silo{seed_, static_cast<std::uint64_t>(silo)};
  Line line;
  std::vector<double> spread;
  std::vector<double> middle;
  for (int i = 0; i < inputs(); ++i) {
    line.push_back(of_silo.uniform(-1, 1));
    spread.push_back(of_silo.uniform(0.5, 1.5));
    middle.push_back(of_silo.uniform(-0.5, 0.5));
  }
  const double offset = of_silo.uniform(-1, 1);
  Random random{seed_, 1000 + 10 * static_cast<std::uint64_t>(silo) + static_cast<unsigned>(part)};
  Samples samples;
  samples.inputs = inputs();
  samples.count = count;
  for (std::int64_t row = 0; row < count; ++row) {
    double y = offset + 0.1 * random.normal();
    for (std::size_t i = 0; i < line.size(); ++i) {
      samples.input.push_back(middle[i] + spread[i] * random.normal());
      y += line[i] * samples.input.back();
    }
    samples.output.push_back(y);
  }
  return samples;
}

Samples Regression::samples(int silo, Part part) const
{
  // Silos of unequal size: each counts by its samples.
  if (part == Part::training) return draw(silo, 0, 64 + 32 * static_cast<std::int64_t>(silo));
  return part == Part::held_out ? draw(silo, 1, 64) : draw(silo, 2, 256);
}

Line descend(const Samples& samples, Line from, double rate, std::int64_t steps)
{
  const Quadratic q = quadratic_of(samples);
  for (std::int64_t k = 0; k < steps; ++k) step(q, from, rate);
  return from;
}

Line fixed_point(const std::vector<Samples>& silos, double rate, std::int64_t steps)
{
  const auto n = static_cast<std::size_t>(silos.at(0).inputs) + 1;
  double all = 0;
  for (const auto& samples : silos) all += static_cast<double>(samples.count);
  Matrix left(n, Line(n));
  Line right(n);
  for (std::size_t i = 0; i < n; ++i) left[i][i] = 1;
  for (const auto& samples : silos) {
    const double share = static_cast<double>(samples.count) / all;
    const Line from_nothing = descend(samples, Line(n), rate, steps);
    for (std::size_t j = 0; j < n; ++j) {
      // (I - rate H)^steps, by columns.
      Line unit(n);
      unit[j] = 1;
      const Line column = descend(samples, unit, rate, steps);
      for (std::size_t i = 0; i < n; ++i) left[i][j] -= share * (column[i] - from_nothing[i]);
      right[j] += share * from_nothing[j];
    }
  }
  Line line = solved(left, right);
  for (const double value : line)
    if (!std::isfinite(value)) throw std::invalid_argument{"there is no fixed point"};
  return line;
}

Line least_squares(const Samples& samples)
{
  const Quadratic q = quadratic_of(samples);
  return solved(q.hessian, q.slope);
}

}  // namespace federate
