#include "couplers/ensemble/neighbours.hpp"
#include "couplers/ensemble/novelty.hpp"

namespace cardan::ensemble {

namespace {

class Nearest : public Novelty {
 public:
  Nearest(std::size_t capacity, std::size_t k) : neighbours_(capacity, k) {}
  void changed(const Points& points, std::size_t slot) override
  {
    neighbours_.changed(points, slot);
  }
  void rebuild(const Points& points) override { neighbours_.rebuild(points); }
  void score(const Points& points, std::span<double> scores) override
  {
    for (std::size_t i = 0; i < points.size(); ++i) scores[i] = neighbours_.reach(i);
  }

 private:
  Neighbours neighbours_;
};

}  // namespace

std::unique_ptr<Novelty> make_nearest(std::size_t capacity, std::size_t k)
{
  return std::make_unique<Nearest>(capacity, k);
}

}  // namespace cardan::ensemble
