#include "climate.hpp"

#include "random.hpp"

#include <algorithm>
#include <cmath>

namespace twin {
namespace {

int steps_of(const Model& model, double time)
{
  return static_cast<int>(std::lround(time / model.dt()));
}

}  // namespace

std::vector<double> attractor_state(Model& model, std::uint64_t seed, double time)
{
  std::vector<double> state = model.rest();
  Random random(seed, Purpose::truth);
  for (double& each : state) each += 0.03 * random.gaussian();
  model.advance(state, steps_of(model, time));
  return state;
}

Climate climate_of(Model& model, std::uint64_t seed, double time, int stride, std::size_t size,
                   double spin_up)
{
  std::vector<double> state = attractor_state(model, seed, spin_up);
  if (size == 0) size = state.size();
  // Sums about the first state.
  const std::vector<double> origin(state.begin(),
                                   state.begin() + static_cast<std::ptrdiff_t>(size));
  std::vector<double> x(size);
  Climate climate{std::vector<double>(size), std::vector<double>(size * size)};
  const int samples = std::max(2, steps_of(model, time) / stride);
  for (int sample = 0; sample < samples; ++sample) {
    model.advance(state, stride);
    for (std::size_t i = 0; i < size; ++i) {
      x[i] = state[i] - origin[i];
      climate.mean[i] += x[i];
      double* row = climate.covariance.data() + i * size;
      for (std::size_t j = 0; j <= i; ++j) row[j] += x[i] * x[j];
    }
  }
  for (double& each : climate.mean) each /= samples;
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double& each = climate.covariance[i * size + j];
      each = (each - samples * climate.mean[i] * climate.mean[j]) / (samples - 1);
      climate.covariance[j * size + i] = each;
    }
  }
  for (std::size_t i = 0; i < size; ++i) climate.mean[i] += origin[i];
  return climate;
}

double deviation(const Climate& climate)
{
  const std::size_t size = climate.mean.size();
  double trace = 0;
  for (std::size_t i = 0; i < size; ++i) trace += climate.covariance[i * size + i];
  return std::sqrt(trace / static_cast<double>(size));
}

double lyapunov_exponent(Model& model, std::uint64_t seed, double time, int stride)
{
  constexpr double distance = 1e-7;
  constexpr double spin_up = 50;
  const std::vector<double> start = attractor_state(model, seed);
  const std::size_t size = start.size();
  // The run and its neighbour, as two rows.
  std::vector<double> pair(start);
  pair.insert(pair.end(), start.begin(), start.end());
  for (std::size_t i = 0; i < size; ++i) {
    pair[size + i] += (i % 2 == 0 ? 1 : -1) * distance / std::sqrt(static_cast<double>(size));
  }
  const double interval = stride * model.dt();
  const auto waits = std::lround(spin_up / interval);
  const auto counts = std::max(1L, std::lround(time / interval));
  double growth = 0;
  for (long turn = 0; turn < waits + counts; ++turn) {
    model.advance(pair, stride);
    double square = 0;
    for (std::size_t i = 0; i < size; ++i) {
      const double difference = pair[size + i] - pair[i];
      square += difference * difference;
    }
    const double factor = std::sqrt(square) / distance;
    if (turn >= waits) growth += std::log(factor);
    for (std::size_t i = 0; i < size; ++i) {
      pair[size + i] = pair[i] + (pair[size + i] - pair[i]) / factor;
    }
  }
  return growth / (static_cast<double>(counts) * interval);
}

}  // namespace twin
