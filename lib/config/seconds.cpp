#include "config/seconds.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace cardan::config {

namespace {
using Unit = std::pair<std::string_view, double>;
constexpr std::array<Unit, 6> units{
    {{"ns", 1e-9}, {"us", 1e-6}, {"ms", 1e-3}, {"s", 1}, {"min", 60}, {"h", 3600}}};
}  // namespace

bool is_span(double seconds)
{
  return std::isfinite(seconds) && seconds > 0;
}

std::optional<Seconds> parse_seconds(std::string_view text)
{
  double number = 0;
  // Independent of the locale, which strtod is not.
  const auto [rest, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{}) return std::nullopt;
  std::string_view unit = text.substr(static_cast<std::size_t>(rest - text.data()));
  while (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
  for (const auto& [name, seconds] : units)
    if (unit == name && is_span(number * seconds)) return Seconds{number * seconds};
  return std::nullopt;
}

}  // namespace cardan::config
