#include "couplers/ensemble/neighbours.hpp"
#include "couplers/ensemble/novelty.hpp"

#include <algorithm>
#include <vector>

namespace cardan::ensemble {

namespace {

class OutlierFactor : public Novelty {
 public:
  OutlierFactor(std::size_t capacity, std::size_t k) : neighbours_(capacity, k), reach_(capacity) {}
  void changed(const Points& points, std::size_t slot) override
  {
    neighbours_.changed(points, slot);
  }
  void rebuild(const Points& points) override { neighbours_.rebuild(points); }
  void score(const Points& points, std::span<double> scores) override
  {
    for (std::size_t i = 0; i < points.size(); ++i) reach_[i] = mean_reachability(i);
    for (std::size_t i = 0; i < points.size(); ++i) scores[i] = factor(i);
  }

 private:
  /// The inverse of the local reachability density; never zero, so that points in one place are
  /// ordinary among themselves.
  [[nodiscard]] double mean_reachability(std::size_t slot) const
  {
    const auto near = neighbours_.of(slot);
    if (near.empty()) return 1;
    double sum = 0;
    for (const auto& one : near) sum += std::max(neighbours_.reach(one.slot), one.distance);
    return std::max(sum / static_cast<double>(near.size()), 1e-150);
  }
  [[nodiscard]] double factor(std::size_t slot) const
  {
    const auto near = neighbours_.of(slot);
    if (near.empty()) return 1;
    double sum = 0;
    for (const auto& one : near) sum += reach_[slot] / reach_[one.slot];
    return sum / static_cast<double>(near.size());
  }

  Neighbours neighbours_;
  std::vector<double> reach_;
};

}  // namespace

std::unique_ptr<Novelty> make_lof(std::size_t capacity, std::size_t k)
{
  return std::make_unique<OutlierFactor>(capacity, k);
}

}  // namespace cardan::ensemble
