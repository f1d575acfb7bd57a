#include "couplers/ensemble/novelty.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace cardan::ensemble {

namespace {

/// Sums of kernels, one for each point; a point that comes is added to all, one that goes is taken
/// off again.
class Density : public Novelty {
 public:
  Density(std::size_t capacity, std::size_t dimension, double h)
      : given_(h), h_(h), sums_(capacity), squares_(capacity), was_(capacity, dimension)
  {}

  void changed(const Points& points, std::size_t slot) override
  {
    if (h_ == 0) return;
    std::vector<double> point(points.dimension());
    if (slot < was_.size()) {
      was_.get(slot, point);
      spread(point, -1);
    }
    points.get(slot, point);
    if (slot < was_.size())
      was_.set(slot, point);
    else
      was_.add(point);
    spread(point, 1);
    double own = 0;
    for (std::size_t i = 0; i < was_.size(); ++i) own += kernel(squares_[i]);
    sums_[slot] = own;
  }

  void rebuild(const Points& points) override
  {
    if (given_ == 0) h_ = bandwidth_of(points);
    std::fill(sums_.begin(), sums_.end(), 0.0);
    std::vector<double> point(points.dimension());
    for (std::size_t i = 0; i < points.size(); ++i) {
      points.get(i, point);
      if (i < was_.size())
        was_.set(i, point);
      else
        was_.add(point);
    }
    for (std::size_t i = 0; i < points.size(); ++i) {
      was_.squares(i, squares_);
      for (std::size_t j = 0; j < points.size(); ++j) sums_[i] += kernel(squares_[j]);
    }
  }

  void score(const Points& points, std::span<double> scores) override
  {
    if (given_ == 0) {
      const double h = bandwidth_of(points);
      if (h_ == 0 || h > 1.5 * h_ || h_ > 1.5 * h) rebuild(points);
    }
    // A point's own kernel is 1: less is what rounding left.
    for (std::size_t i = 0; i < points.size(); ++i)
      scores[i] = static_cast<double>(points.size()) / std::max(1.0, sums_[i]);
  }

 private:
  [[nodiscard]] double kernel(double square) const
  {
    const double exponent = square / (2 * h_ * h_);
    return exponent < 40 ? std::exp(-exponent) : 0;
  }
  void spread(std::span<const double> point, double sign)
  {
    was_.squares(point, squares_);
    for (std::size_t i = 0; i < was_.size(); ++i) sums_[i] += sign * kernel(squares_[i]);
  }

  double given_;
  double h_;
  std::vector<double> sums_;
  std::vector<double> squares_;
  /// The points that the sums are of.
  Points was_;
};

}  // namespace

std::unique_ptr<Novelty> make_density(std::size_t capacity, std::size_t dimension, double h)
{
  return std::make_unique<Density>(capacity, dimension, h);
}

}  // namespace cardan::ensemble
