#include "couplers/ensemble/judge.hpp"

#include <algorithm>
#include <cmath>

namespace cardan::ensemble {

Judge::Judge(const EnsembleSettings& settings, std::size_t dimension)
    : settings_(settings),
      points_(static_cast<std::size_t>(settings.window), dimension),
      scale_(dimension, 1),
      scaled_(dimension),
      novelty_(settings.mode == Mode::novelty ? make_novelty(settings, dimension) : nullptr),
      scores_(static_cast<std::size_t>(settings.window))
{}

void Judge::to_scale(std::span<const double> point)
{
  for (std::size_t d = 0; d < scaled_.size(); ++d) scaled_[d] = point[d] / scale_[d];
}

void Judge::add(std::span<const double> point, double given)
{
  to_scale(point);
  const std::size_t slot = points_.add(scaled_);
  ++added_;
  scored_ = false;
  if (novelty_)
    novelty_->changed(points_, slot);
  else
    scores_[slot] = given;
}

void Judge::place(std::size_t slot, std::span<const double> point, double given)
{
  to_scale(point);
  points_.set(slot, scaled_);
  if (!novelty_) scores_[slot] = given;
}

void Judge::rebuild()
{
  scored_ = false;
  spaced_at_ = 0;
  if (novelty_) novelty_->rebuild(points_);
}

/// Only where a deviation has changed by a fifth: all distances are then others.
void Judge::rescale()
{
  if (settings_.scale == Scale::none || points_.size() < 2) return;
  const auto now = deviations(points_);
  if (std::all_of(now.begin(), now.end(), [](double one) { return one < 1.2 && one > 1 / 1.2; }))
    return;
  for (std::size_t slot = 0; slot < points_.size(); ++slot) {
    for (std::size_t d = 0; d < now.size(); ++d) scaled_[d] = points_.coordinate(slot, d) / now[d];
    points_.set(slot, scaled_);
  }
  for (std::size_t d = 0; d < now.size(); ++d) scale_[d] *= now[d];
  rebuild();
}

std::span<const double> Judge::scores()
{
  if (!scored_) {
    rescale();
    if (novelty_) novelty_->score(points_, scores_);
    scored_ = true;
  }
  return {scores_.data(), points_.size()};
}

double Judge::spacing()
{
  if (settings_.spacing > 0) return settings_.spacing;
  if (spaced_at_ == 0 || added_ >= spaced_at_ + std::max<std::size_t>(1, points_.size() / 10)) {
    spacing_ = bandwidth_of(points_);
    spaced_at_ = added_;
  }
  return spacing_;
}

}  // namespace cardan::ensemble
