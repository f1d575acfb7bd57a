#include "exact_strip.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>

namespace adapt {

namespace {

constexpr double never = std::numeric_limits<double>::infinity();

Spin spin_of(std::size_t bits, std::int64_t place)
{
  return ((bits >> static_cast<unsigned>(place)) & 1U) != 0 ? Spin{1} : Spin{-1};
}

/// The least energies of all sites so far, by the spins of the last one of each row.
class Front {
 public:
  explicit Front(const Strip& strip)
      : strip_(strip),
        states_(std::size_t{1} << static_cast<unsigned>(strip.shape().width)),
        best_(states_),
        next_(states_),
        choices_(states_ * static_cast<std::size_t>(strip.sites()))
  {}

  /// With the first column as given, or as is best; `choices` then says how.
  double solve(std::optional<std::size_t> first)
  {
    const auto& shape = strip_.shape();
    for (std::size_t state = 0; state < states_; ++state) {
      best_[state] = first && state != *first ? never : 0;
      for (std::int64_t y = 0; y + 1 < shape.width; ++y)
        best_[state] -= strip_.across(0, y) * spin_of(state, y) * spin_of(state, y + 1);
    }
    for (std::int64_t x = 1; x < shape.length; ++x)
      for (std::int64_t y = 0; y < shape.width; ++y) take(x, y);
    if (shape.periodic) close(*first);
    last_ = static_cast<std::size_t>(std::min_element(best_.begin(), best_.end()) - best_.begin());
    return best_[last_];
  }

  /// The spins of the last `solve`, from the last column back to the first.
  [[nodiscard]] Spins spins() const
  {
    const auto& shape = strip_.shape();
    Spins spins(static_cast<std::size_t>(shape.sites()));
    std::size_t state = last_;
    for (std::int64_t site = shape.sites(); site-- > 0;) {
      const std::int64_t y = site % shape.width;
      spins[static_cast<std::size_t>(site)] = spin_of(state, y);
      if (site < shape.width) continue;
      const std::size_t bit = std::size_t{1} << static_cast<unsigned>(y);
      const bool up = choices_[static_cast<std::size_t>(site) * states_ + state] != 0;
      state = up ? state | bit : state & ~bit;
    }
    return spins;
  }

 private:
  /// Site (x, y) takes the place of (x - 1, y) in the front.
  void take(std::int64_t x, std::int64_t y)
  {
    const double along = strip_.along(x - 1, y);
    const double across = y > 0 ? strip_.across(x, y - 1) : 0;
    const std::size_t bit = std::size_t{1} << static_cast<unsigned>(y);
    unsigned char* choice =
        &choices_[static_cast<std::size_t>(x * strip_.shape().width + y) * states_];
    for (std::size_t state = 0; state < states_; ++state) {
      const double spin = spin_of(state, y);
      const double up = best_[state | bit] - along * spin;
      const double down = best_[state & ~bit] + along * spin;
      const double beside = y > 0 ? across * spin * spin_of(state, y - 1) : 0;
      choice[state] = up < down ? 1 : 0;
      next_[state] = std::min(up, down) - beside;
    }
    best_.swap(next_);
  }

  void close(std::size_t first)
  {
    const auto& shape = strip_.shape();
    for (std::size_t state = 0; state < states_; ++state)
      for (std::int64_t y = 0; y < shape.width; ++y)
        best_[state] -= strip_.along(shape.length - 1, y) * spin_of(state, y) * spin_of(first, y);
  }

  const Strip& strip_;
  std::size_t states_;
  std::vector<double> best_;
  std::vector<double> next_;
  /// Whether the spin that a site took the place of was up: by site and state.
  std::vector<unsigned char> choices_;
  std::size_t last_ = 0;
};

}  // namespace

GroundState ground_state(const Strip& strip)
{
  const auto& shape = strip.shape();
  if (shape.width > 14)
    throw std::invalid_argument("a strip of width " + std::to_string(shape.width) +
                                " has too many states to be solved exactly (at most 14)");
  Front front{strip};
  if (!shape.periodic) return {front.solve(std::nullopt), front.spins()};
  // All spins turned over have the same energy: half of the first columns are enough.
  const std::size_t firsts = std::size_t{1} << static_cast<unsigned>(shape.width - 1);
  GroundState found{never, {}};
  for (std::size_t first = 0; first < firsts; ++first) {
    const double energy = front.solve(first);
    if (energy < found.energy) found = {energy, front.spins()};
  }
  return found;
}

GroundState tried_ground_state(const Strip& strip)
{
  const std::int64_t sites = strip.sites();
  if (sites > 24) throw std::invalid_argument("too many sites to try all states");
  GroundState found{never, {}};
  Spins spins(static_cast<std::size_t>(sites));
  for (std::size_t state = 0; state < std::size_t{1} << static_cast<unsigned>(sites - 1); ++state) {
    for (std::int64_t site = 0; site < sites; ++site)
      spins[static_cast<std::size_t>(site)] = spin_of(state, site);
    const double energy = strip.energy(spins);
    if (energy < found.energy) found = {energy, spins};
  }
  return found;
}

}  // namespace adapt
