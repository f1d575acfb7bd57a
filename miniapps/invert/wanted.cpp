#include "wanted.hpp"

#include "benchmark.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace invert {

namespace {

/// From 0 at the edge to 1 at the distance `width` from it, smoothly.
double rise(double x, double y, double width)
{
  const double distance = std::min({x, y, 1 - x, 1 - y});
  const double share = std::min(1.0, distance / width);
  return share * (2 - share);
}

double plateau(double x, double y)
{
  return 0.5 * rise(x, y, 0.35);
}

double ridge(double x, double y)
{
  const double across = (x - y) / 0.35;
  return rise(x, y, 0.35) * (0.35 + 0.35 * std::exp(-across * across));
}

}  // namespace

const std::vector<std::string>& known_fields()
{
  static const std::vector<std::string> names{"plateau", "ridge", "basins"};
  return names;
}

std::vector<double> wanted_field(const std::string& name, const Mesh& mesh)
{
  if (name == "basins") {
    const auto data = published_data();
    return {data.begin(), data.end()};
  }
  if (name != "plateau" && name != "ridge")
    throw std::invalid_argument("no field is called '" + name + "'");
  std::vector<double> values;
  values.reserve(mesh.measurements());
  for (int p = 1; p <= mesh.points; ++p)
    for (int q = 1; q <= mesh.points; ++q) {
      const double x = static_cast<double>(p) / (mesh.points + 1);
      const double y = static_cast<double>(q) / (mesh.points + 1);
      values.push_back(name == "plateau" ? plateau(x, y) : ridge(x, y));
    }
  return values;
}

}  // namespace invert
