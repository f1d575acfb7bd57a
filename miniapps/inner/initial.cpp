#include "initial.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <stdexcept>

namespace inner {
namespace {

// Uniform in [low, high). Spelled out, because the standard leaves its distributions to the
// library.
double uniform(std::mt19937_64& engine, double low, double high)
{
  const double unit = static_cast<double>(engine() >> 11U) * 0x1.0p-53;
  return low + (high - low) * unit;
}

// A smooth field between 0 and 1: one minus the product of what each blob lets through.
class Blobs {
 public:
  Blobs(std::mt19937_64& engine, double width, double height)
  {
    const double scale = std::min(width, height);
    for (Blob& each : blobs_) {
      each.x = uniform(engine, 0, width);
      each.y = uniform(engine, 0, height);
      each.radius = uniform(engine, 0.06, 0.16) * scale;
      each.strength = uniform(engine, 0.5, 1);
    }
  }

  double operator()(double x, double y) const
  {
    double through = 1;
    for (const Blob& each : blobs_) {
      const double squared = (x - each.x) * (x - each.x) + (y - each.y) * (y - each.y);
      through *= 1 - each.strength * std::exp(-squared / (2 * each.radius * each.radius));
    }
    return 1 - through;
  }

 private:
  struct Blob {
    double x, y, radius, strength;
  };
  std::array<Blob, 12> blobs_{};
};

Profile blobs(std::uint64_t seed, double width, double height)
{
  std::mt19937_64 engine{seed};
  const Blobs first{engine, width, height};
  const Blobs third{engine, width, height};
  return [first, third](double x, double y) -> std::array<double, species> {
    return {1 - 0.6 * first(x, y), 0.0, 0.6 * third(x, y)};
  };
}

}  // namespace

std::vector<std::string> profile_names()
{
  return {"homogeneous", "blobs"};
}

Profile make_profile(std::string_view name, std::uint64_t seed, double width, double height)
{
  if (name == "homogeneous") {
    return [](double, double) -> std::array<double, species> { return {1.0, 0.0, 0.0}; };
  }
  if (name == "blobs") {
    return blobs(seed, width, height);
  }
  std::string known;
  for (const auto& each : profile_names()) {
    known += (known.empty() ? "" : ", ") + each;
  }
  throw std::invalid_argument("unknown initial condition '" + std::string{name} +
                              "' (known: " + known + "); choose one of them");
}

}  // namespace inner
