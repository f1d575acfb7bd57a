#include "couplers/inverse/measure.hpp"

#include "support/finite.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

namespace cardan::inverse {

namespace {

std::array<const std::vector<double>*, 5> arrays(const Measure& measure)
{
  return {&measure.prior_mean, &measure.prior_deviation, &measure.data, &measure.data_deviation,
          &measure.start};
}

double half_square(std::span<const double> values, const std::vector<double>& means,
                   const std::vector<double>& deviations)
{
  double sum = 0;
  for (std::size_t i = 0; i < means.size(); ++i) {
    const double in_deviations = (values[i] - means[i]) / deviations[i];
    sum += in_deviations * in_deviations;
  }
  return 0.5 * sum;
}

void check(const std::string& name, const char* what, const std::vector<double>& values,
           std::size_t wanted)
{
  if (values.size() != wanted)
    throw Error{
        fmt::format("inverse problem '{}' has {} numbers as its {}", name, values.size(), what),
        fmt::format("expected are {}", wanted)};
  if (!all_finite(values.data(), static_cast<std::int64_t>(values.size())))
    throw Error{fmt::format("inverse problem '{}' has a {} that is not a number", name, what)};
}

void check_positive(const std::string& name, const char* what, const std::vector<double>& values)
{
  if (std::any_of(values.begin(), values.end(), [](double value) { return !(value > 0); }))
    throw Error{fmt::format("inverse problem '{}' has a {} that is not positive", name, what)};
}

}  // namespace

double Measure::log_prior(std::span<const double> theta) const
{
  return -half_square(theta, prior_mean, prior_deviation);
}

double Measure::log_likelihood(std::span<const double> predicted) const
{
  const double half = half_square(predicted, data, data_deviation);
  return half < std::numeric_limits<double>::infinity() ? -half
                                                        : -std::numeric_limits<double>::infinity();
}

Measure measure_of(const std::string& name, const InverseProblem& problem)
{
  if (problem.prior_mean.empty() || problem.data.empty())
    throw Error{fmt::format("inverse problem '{}' has {} parameters and {} data", name,
                            problem.prior_mean.size(), problem.data.size()),
                "there must be one of each at least"};
  if (!problem.solve)
    throw Error{fmt::format("inverse problem '{}' has no solve", name),
                "nothing maps parameters to data"};
  check(name, "prior_mean", problem.prior_mean, problem.prior_mean.size());
  check(name, "prior_deviation", problem.prior_deviation, problem.prior_mean.size());
  check(name, "data", problem.data, problem.data.size());
  check(name, "data_deviation", problem.data_deviation, problem.data.size());
  check_positive(name, "prior_deviation", problem.prior_deviation);
  check_positive(name, "data_deviation", problem.data_deviation);
  Measure measure{problem.prior_mean, problem.prior_deviation,
                  problem.data,       problem.data_deviation,
                  problem.start,      static_cast<bool>(problem.pull_back)};
  if (measure.start.empty()) measure.start = measure.prior_mean;
  check(name, "start", measure.start, measure.prior_mean.size());
  return measure;
}

std::string pack(const Measure& measure)
{
  const std::array<std::uint64_t, 3> sizes{measure.prior_mean.size(), measure.data.size(),
                                           measure.has_gradient ? 1U : 0U};
  std::string bytes(reinterpret_cast<const char*>(sizes.data()), sizeof sizes);
  for (const auto* values : arrays(measure))
    bytes.append(reinterpret_cast<const char*>(values->data()), values->size() * sizeof(double));
  return bytes;
}

Measure unpack_measure(const std::string& bytes)
{
  std::array<std::uint64_t, 3> sizes{};
  std::memcpy(sizes.data(), bytes.data(), sizeof sizes);
  Measure measure;
  const auto* from = bytes.data() + sizeof sizes;
  const auto take = [&](std::vector<double>& to, std::uint64_t count) {
    to.resize(count);
    std::memcpy(to.data(), from, count * sizeof(double));
    from += count * sizeof(double);
  };
  take(measure.prior_mean, sizes[0]);
  take(measure.prior_deviation, sizes[0]);
  take(measure.data, sizes[1]);
  take(measure.data_deviation, sizes[1]);
  take(measure.start, sizes[0]);
  measure.has_gradient = sizes[2] != 0;
  return measure;
}

}  // namespace cardan::inverse
