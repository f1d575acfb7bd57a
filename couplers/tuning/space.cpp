#include "couplers/tuning/space.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace cardan::tuning {

std::uint64_t scatter(std::uint64_t seed, std::int64_t number)
{
  Random random{seed};
  random = Random{random.next() + static_cast<std::uint64_t>(number)};
  return random.next();
}

std::size_t Parameter::index_of(double value) const
{
  if (numbers.empty())
    return std::min(static_cast<std::size_t>(std::max(0.0, value)), choices() - 1);
  const auto found = std::find(numbers.begin(), numbers.end(), value);
  return found == numbers.end() ? 0 : static_cast<std::size_t>(found - numbers.begin());
}

double Parameter::at(std::size_t index) const
{
  return numbers.empty() ? static_cast<double>(index) : numbers[index];
}

double Parameter::draw(Random& random) const
{
  // One number each, so that a space's other keys do not depend on this one's kind.
  const double u = random.uniform();
  if (kind == Kind::choice) return at(static_cast<std::size_t>(u * static_cast<double>(choices())));
  // Each integer is as likely as the others, those at the ends too.
  const double below = kind == Kind::integer ? low - 0.5 : low;
  const double above = kind == Kind::integer ? high + 0.5 : high;
  const double value = log ? std::exp(std::log(below) + u * (std::log(above) - std::log(below)))
                           : below + u * (above - below);
  return std::clamp(kind == Kind::integer ? std::round(value) : value, low, high);
}

double Parameter::perturb(double value, double factor, Random& random) const
{
  const double u = random.uniform();
  if (fixed) return value;
  const bool up = u < 0.5;
  if (kind == Kind::choice) {
    const std::size_t index = index_of(value);
    const std::size_t last = choices() - 1;
    if (last == 0) return value;
    if (!numbers.empty())
      return at(up ? std::min(index + 1, last) : index - std::min<std::size_t>(index, 1));
    const auto other = static_cast<std::size_t>(u * static_cast<double>(last));
    return at(other < index ? other : other + 1);
  }
  double next = up ? value * factor : value / factor;
  // Zero, and numbers on both sides of it, are moved by a share of their range.
  if (low <= 0) next = value + (up ? 1 : -1) * (factor - 1) * (high - low) / 2;
  if (kind == Kind::integer) {
    next = std::round(next);
    if (next == value) next += up ? 1 : -1;
  }
  return std::clamp(next, low, high);
}

std::string Parameter::literal(double value) const
{
  if (kind == Kind::choice) return literals[index_of(value)];
  if (kind == Kind::integer) return fmt::format("{}", static_cast<std::int64_t>(value));
  // A number of TOML that is no integer has a point or an exponent.
  const std::string text = fmt::format("{}", value);
  return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

std::vector<double> Space::draw(std::uint64_t seed, std::int64_t trial) const
{
  Random random{scatter(seed, trial)};
  std::vector<double> values;
  values.reserve(parameters.size());
  for (const Parameter& parameter : parameters) values.push_back(parameter.draw(random));
  return values;
}

std::vector<double> Space::explore(const std::vector<double>& values, double factor,
                                   double resample, Random& random) const
{
  std::vector<double> next;
  next.reserve(parameters.size());
  for (std::size_t p = 0; p < parameters.size(); ++p) {
    const Parameter& parameter = parameters[p];
    const bool anew = random.uniform() < resample && !parameter.fixed;
    next.push_back(anew ? parameter.draw(random) : parameter.perturb(values[p], factor, random));
  }
  return next;
}

}  // namespace cardan::tuning
