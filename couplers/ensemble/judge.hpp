/// Where the frames of a window lie in the space of novelty, and how novel each is.
#pragma once

#include "couplers/ensemble/novelty.hpp"
#include "couplers/ensemble/points.hpp"
#include "couplers/ensemble/settings.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace cardan::ensemble {

/// Slots are those of the window, if every frame is added.
class Judge {
 public:
  Judge(const EnsembleSettings& settings, std::size_t dimension);

  /// The next frame's point, as it is; `given`: its score, where the model says it.
  void add(std::span<const double> point, double given = 0);
  /// Another point of the same frame; `rebuild` after all that change.
  void place(std::size_t slot, std::span<const double> point, double given = 0);
  void rebuild();

  /// By slot; valid until the next call that changes anything.
  [[nodiscard]] std::span<const double> scores();
  /// In units of the scale.
  [[nodiscard]] const Points& points() const { return points_; }
  /// As it was added.
  [[nodiscard]] double coordinate(std::size_t slot, std::size_t dimension) const
  {
    return points_.coordinate(slot, dimension) * scale_[dimension];
  }
  /// Within which frames count as alike, in units of the scale.
  [[nodiscard]] double spacing();

 private:
  void to_scale(std::span<const double> point);
  void rescale();

  EnsembleSettings settings_;
  Points points_;
  std::vector<double> scale_;
  std::vector<double> scaled_;
  /// Null: scores are given.
  std::unique_ptr<Novelty> novelty_;
  std::vector<double> scores_;
  bool scored_ = false;
  /// The spacing of the window's own, and how many points there had been.
  double spacing_ = 0;
  std::size_t added_ = 0;
  std::size_t spaced_at_ = 0;
};

}  // namespace cardan::ensemble
