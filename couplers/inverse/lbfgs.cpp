#include "couplers/inverse/lbfgs.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace cardan::inverse {

namespace {

constexpr std::size_t memory = 10;

double product(const std::vector<double>& a, const std::vector<double>& b)
{
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

void add(std::vector<double>& to, double factor, const std::vector<double>& what)
{
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += factor * what[i];
}

bool finite(double value, std::span<const double> gradient)
{
  return std::isfinite(value) && std::all_of(gradient.begin(), gradient.end(),
                                             [](double each) { return std::isfinite(each); });
}

}  // namespace

Lbfgs::Lbfgs(std::vector<double> begin, const Limits& limits)
    : limits_(limits),
      at_(std::move(begin)),
      trial_(at_),
      value_(std::numeric_limits<double>::infinity())
{}

void Lbfgs::give(double value, std::span<const double> gradient)
{
  const bool fine = finite(value, gradient);
  if (!begun_) {
    begun_ = true;
    // There is no way on from where nothing is a number.
    if (fine)
      take(value, gradient);
    else
      done_ = true;
    return;
  }
  constexpr double enough = 1e-4;
  if (fine && value <= value_ + enough * length_ * slope_) {
    ++iterations_;
    take(value, gradient);
    return;
  }
  constexpr double shortest = 1e-10;
  if (length_ > shortest) {
    look(0.3 * length_);
    return;
  }
  // What was remembered leads nowhere: once more straight down, or this is the end.
  done_ = pairs_.empty();
  pairs_.clear();
  if (!done_) direct();
}

void Lbfgs::take(double value, std::span<const double> gradient)
{
  if (!gradient_.empty()) {
    Pair pair;
    pair.step = trial_;
    add(pair.step, -1, at_);
    pair.change.assign(gradient.begin(), gradient.end());
    add(pair.change, -1, gradient_);
    pair.product = product(pair.step, pair.change);
    const double lengths =
        std::sqrt(product(pair.step, pair.step) * product(pair.change, pair.change));
    if (pair.product > 1e-10 * lengths) pairs_.push_back(std::move(pair));
    if (pairs_.size() > memory) pairs_.pop_front();
  }
  at_ = trial_;
  value_ = value;
  gradient_.assign(gradient.begin(), gradient.end());
  const double largest =
      std::accumulate(gradient_.begin(), gradient_.end(), 0.0,
                      [](double most, double each) { return std::max(most, std::abs(each)); });
  done_ = largest < limits_.tolerance || iterations_ >= limits_.iterations;
  if (!done_) direct();
}

/// The two loops of Nocedal and Wright, "Numerical Optimization" (2006), algorithm 7.4.
void Lbfgs::direct()
{
  direction_ = gradient_;
  std::vector<double> factors(pairs_.size());
  for (std::size_t i = pairs_.size(); i-- > 0;) {
    factors[i] = product(pairs_[i].step, direction_) / pairs_[i].product;
    add(direction_, -factors[i], pairs_[i].change);
  }
  if (!pairs_.empty()) {
    const Pair& last = pairs_.back();
    const double scale = last.product / product(last.change, last.change);
    for (double& each : direction_) each *= scale;
  }
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    const double back = product(pairs_[i].change, direction_) / pairs_[i].product;
    add(direction_, factors[i] - back, pairs_[i].step);
  }
  for (double& each : direction_) each = -each;
  slope_ = product(direction_, gradient_);
  const double steepness = std::sqrt(product(gradient_, gradient_));
  look(pairs_.empty() ? std::min(1.0, 1 / steepness) : 1);
}

void Lbfgs::look(double length)
{
  length_ = length;
  trial_ = at_;
  add(trial_, length, direction_);
}

}  // namespace cardan::inverse
