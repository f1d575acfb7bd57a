#include "couplers/ensemble/neighbours.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cardan::ensemble {

Neighbours::Neighbours(std::size_t capacity, std::size_t k)
    : k_(k), lists_(capacity * k), counts_(capacity), squares_(capacity)
{}

void Neighbours::insert(std::size_t slot, Neighbour neighbour)
{
  Neighbour* const list = &lists_[slot * k_];
  std::size_t& count = counts_[slot];
  if (count == k_ && !(neighbour.distance < list[k_ - 1].distance)) return;
  std::size_t at = count < k_ ? count++ : k_ - 1;
  for (; at > 0 && neighbour.distance < list[at - 1].distance; --at) list[at] = list[at - 1];
  list[at] = neighbour;
}

/// Leaves the squared distances in `squares_`.
void Neighbours::find(const Points& points, std::size_t slot)
{
  points.squares(slot, squares_);
  counts_[slot] = 0;
  double worst = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (!(squares_[i] < worst) || i == slot) continue;
    insert(slot, {std::sqrt(squares_[i]), static_cast<std::uint32_t>(i)});
    // Rounded up: what is as near as the last is compared by `insert`.
    if (counts_[slot] == k_) worst = reach(slot) * reach(slot) * (1 + 1e-12);
  }
}

void Neighbours::changed(const Points& points, std::size_t slot)
{
  const bool replaced = slot < known_;
  known_ = points.size();
  std::vector<std::size_t> bereft;
  if (replaced)
    for (std::size_t i = 0; i < known_; ++i) {
      const auto list = of(i);
      if (i != slot && std::any_of(list.begin(), list.end(),
                                   [&](const Neighbour& one) { return one.slot == slot; }))
        bereft.push_back(i);
    }
  find(points, slot);
  // Those that lost a neighbour are searched for anew below.
  for (const std::size_t i : bereft) counts_[i] = 0;
  for (std::size_t i = 0; i < known_; ++i) {
    const double last = counts_[i] == k_ ? reach(i) : std::numeric_limits<double>::infinity();
    if (i != slot && squares_[i] < last * last)
      insert(i, {std::sqrt(squares_[i]), static_cast<std::uint32_t>(slot)});
  }
  for (const std::size_t i : bereft) find(points, i);
}

void Neighbours::rebuild(const Points& points)
{
  known_ = points.size();
  for (std::size_t i = 0; i < known_; ++i) find(points, i);
}

}  // namespace cardan::ensemble
