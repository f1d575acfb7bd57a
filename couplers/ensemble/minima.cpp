#include "couplers/ensemble/minima.hpp"

#include <algorithm>
#include <cmath>

namespace cardan::ensemble {

namespace {

bool farther(std::span<const double> one, std::span<const double> other, double distance)
{
  double square = 0;
  for (std::size_t i = 0; i < one.size(); ++i) square += (one[i] - other[i]) * (one[i] - other[i]);
  return square > distance * distance;
}

}  // namespace

bool Minima::add(double objective, std::span<const double> descriptor,
                 std::span<const double> state, int member, std::int64_t segment)
{
  const auto lower = [](const Minimum& one, double value) { return one.objective < value; };
  auto at =
      std::lower_bound(minima_.begin(), minima_.end(), objective - settings_.tolerance, lower);
  for (; at != minima_.end() && at->objective <= objective + settings_.tolerance; ++at) {
    if (settings_.distance > 0 && farther(at->descriptor, descriptor, settings_.distance)) continue;
    ++at->found;
    return false;
  }
  const bool full = minima_.size() == static_cast<std::size_t>(settings_.archive);
  if (full && objective >= minima_.back().objective) return false;
  if (full) minima_.pop_back();
  Minimum found;
  found.objective = objective;
  found.descriptor.assign(descriptor.begin(), descriptor.end());
  found.state.assign(state.begin(), state.end());
  found.member = member;
  found.segment = segment;
  minima_.insert(std::lower_bound(minima_.begin(), minima_.end(), objective, lower),
                 std::move(found));
  return true;
}

const Minimum& Minima::choose(Random& random)
{
  const double lowest = minima_.front().objective;
  std::vector<double> sums;
  double sum = 0;
  for (const auto& one : minima_) {
    sum += std::exp(-(one.objective - lowest) / settings_.temperature) /
           static_cast<double>(1 + one.visits);
    sums.push_back(sum);
  }
  const double drawn = random.uniform() * sum;
  const auto at = std::upper_bound(sums.begin(), sums.end() - 1, drawn) - sums.begin();
  Minimum& chosen = minima_[static_cast<std::size_t>(at)];
  ++chosen.visits;
  return chosen;
}

}  // namespace cardan::ensemble
