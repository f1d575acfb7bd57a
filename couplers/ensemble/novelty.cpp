#include "couplers/ensemble/novelty.hpp"

namespace cardan::ensemble {

std::unique_ptr<Novelty> make_novelty(const EnsembleSettings& settings, std::size_t dimension)
{
  const auto capacity = static_cast<std::size_t>(settings.window);
  const auto k = static_cast<std::size_t>(settings.neighbours);
  switch (settings.score) {
    case Score::nearest: return make_nearest(capacity, k);
    case Score::lof: return make_lof(capacity, k);
    case Score::density: return make_density(capacity, dimension, settings.bandwidth);
    case Score::spread:
    case Score::error: break;
  }
  return nullptr;
}

double bandwidth_of(const Points& points)
{
  const double typical = typical_distance(points);
  return typical > 0 ? 4 * typical : 1;
}

}  // namespace cardan::ensemble
