#include "verification.hpp"

#include "benchmark.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numbers>

namespace invert {

namespace {

/// From 0.1 to 10, each block another.
std::vector<double> uneven(std::size_t count)
{
  std::vector<double> a(count);
  for (std::size_t i = 0; i < count; ++i)
    a[i] = std::pow(10.0, std::sin(static_cast<double>(7 * i + 1)));
  return a;
}

double largest_difference(std::span<const double> a, std::span<const double> b)
{
  double most = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    most = std::max(most, std::abs(a[i] - b[i]));
  return most;
}

std::vector<double> measured_at(Membrane& membrane, std::span<const double> a)
{
  std::vector<double> measured(membrane.mesh().measurements());
  membrane.solve(a, measured);
  return measured;
}

double likelihood_at_one(std::span<const double> data)
{
  Membrane membrane{Mesh{}};
  const std::vector<double> ones(64, 1.0);
  return log_likelihood(measured_at(membrane, ones), data);
}

/// The truth mirrored at the diagonal is the truth.
double asymmetry()
{
  Membrane membrane{Mesh{}};
  const auto measured = measured_at(membrane, true_stiffness());
  double most = 0;
  for (std::size_t p = 0; p < 13; ++p)
    for (std::size_t q = 0; q < 13; ++q)
      most = std::max(most, std::abs(measured[13 * p + q] - measured[13 * q + p]));
  return most;
}

double median(std::vector<double> values)
{
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

bool Check::passes() const
{
  return std::abs(value - reference) <= tolerance;
}

double manufactured_error(int cells)
{
  using std::numbers::pi;
  Mesh mesh;
  mesh.cells = cells;
  const auto a = uneven(mesh.parameters());
  Membrane membrane{mesh};
  const auto square = [](double x) { return std::pow(std::sin(8 * pi * x), 2); };
  // Its second derivative.
  const auto bend = [](double x) { return 128 * pi * pi * std::cos(16 * pi * x); };
  membrane.set_load([&](double x, double y, int block) {
    return -a[static_cast<std::size_t>(block)] * (bend(x) * square(y) + square(x) * bend(y));
  });
  measured_at(membrane, a);
  const auto field = membrane.field();
  double most = 0;
  for (int j = 0; j <= cells; ++j)
    for (int i = 0; i <= cells; ++i) {
      const double exact =
          square(static_cast<double>(i) / cells) * square(static_cast<double>(j) / cells);
      const int point = j * (cells + 1) + i;
      most = std::max(most, std::abs(field[static_cast<std::size_t>(point)] - exact));
    }
  return most;
}

double adjoint_error()
{
  Membrane membrane{Mesh{}};
  auto a = uneven(64);
  std::vector<double> cotangent(169);
  for (std::size_t i = 0; i < cotangent.size(); ++i)
    cotangent[i] = std::cos(static_cast<double>(3 * i));
  std::vector<double> gradient(64);
  membrane.pull_back(a, cotangent, gradient);
  const auto value = [&] {
    const auto measured = measured_at(membrane, a);
    double sum = 0;
    for (std::size_t i = 0; i < measured.size(); ++i) sum += cotangent[i] * measured[i];
    return sum;
  };
  double most = 0;
  double largest = 0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    const double kept = a[k];
    const double h = 1e-5 * kept;
    a[k] = kept + h;
    const double above = value();
    a[k] = kept - h;
    const double below = value();
    a[k] = kept;
    most = std::max(most, kept * std::abs((above - below) / (2 * h) - gradient[k]));
    largest = std::max(largest, kept * std::abs(gradient[k]));
  }
  return most / largest;
}

bool verify(const std::function<void(const Check&)>& told)
{
  bool good = true;
  const auto tell = [&](const Check& check) {
    good = good && check.passes();
    told(check);
  };
  Membrane membrane{Mesh{}};
  for (const auto& known : published_cases()) {
    const auto measured = measured_at(membrane, known.a);
    tell({"log-likelihood, " + known.name, log_likelihood(measured, published_data()),
          known.log_likelihood, 1e-6});
    if (!known.measured.empty())
      tell({"measured, " + known.name, largest_difference(measured, known.measured), 0, 1e-11});
  }
  const auto regenerated = regenerated_data();
  tell({"data from 256 x 256 cells", largest_difference(regenerated, published_data()), 0, 2.1e-4});
  // What follows from that difference: a log-likelihood that is near, not the same.
  tell({"log-likelihood, a = 1, these data", likelihood_at_one(regenerated), -228.510844004, 0.2});
  const double coarse = manufactured_error(128);
  const double fine = manufactured_error(256);
  tell({"order of convergence", std::log2(coarse / fine), 2, 0.05});
  tell({"symmetry of the truth", asymmetry(), 0, 1e-13});
  tell({"adjoint less differences", adjoint_error(), 0, 1e-7});
  return good;
}

SolveTime time_solves(int repetitions)
{
  using Clock = std::chrono::steady_clock;
  Membrane membrane{Mesh{}};
  auto a = uneven(64);
  std::vector<double> measured(169);
  const std::vector<double> cotangent(169, 1.0);
  std::vector<double> gradient(64);
  std::vector<double> alone;
  std::vector<double> both;
  const auto since = [](Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
  };
  for (int i = 0; i < repetitions; ++i) {
    a[static_cast<std::size_t>(i) % 64] *= 1.01;
    const auto begin = Clock::now();
    membrane.solve(a, measured);
    alone.push_back(since(begin));
    membrane.pull_back(a, cotangent, gradient);
    both.push_back(since(begin));
  }
  return {median(alone), median(both)};
}

}  // namespace invert
