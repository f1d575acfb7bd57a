#include "valley.hpp"

#include "muller_brown.hpp"
#include "overdamped.hpp"

#include <algorithm>
#include <stdexcept>

namespace steer {
namespace {

// At 1e-4 the population of A is 0.006 too large at kT = 20, and passages take 1.3 percent too
// long.
constexpr double own_dt = 5e-5;

class ValleyWalker : public Walker {
 public:
  ValleyWalker(double temperature, double dt, std::uint64_t seed)
      : random_(seed), dt_(dt), dynamics_(MullerBrown{}, temperature, dt)
  {
    restart({}, seed);
  }

  double advance(std::int64_t steps) override
  {
    dynamics_.advance(steps, random_);
    return static_cast<double>(steps) * dt_;
  }

  void save(std::span<double> state) const override { give(state); }
  void describe(std::span<double> descriptor) const override { give(descriptor); }

  void restart(std::span<const double> state, std::uint64_t seed) override
  {
    random_ = Random(seed);
    MullerBrown::Vector x = MullerBrown::minima[0];
    if (!state.empty()) {
      check(state.size());
      std::copy(state.begin(), state.end(), x.begin());
    }
    dynamics_.start(x, random_);
  }

  int state() const override { return dynamics_.potential().basin(dynamics_.positions()); }
  double potential() const override
  {
    MullerBrown::Vector force;
    return dynamics_.potential().evaluate(dynamics_.positions(), force);
  }
  double kinetic() const override { return 0; }
  double hop() override
  {
    throw std::logic_error(
        "muller_brown has no basin hopping (it has three minima, all known); "
        "take lj13 or lj38 for a swarm");
  }

 private:
  static void check(std::size_t given)
  {
    if (given == MullerBrown::size) return;
    throw std::invalid_argument("cannot exchange " + std::to_string(given) +
                                " numbers with a walker (it has 2: x and y); use its system's "
                                "state_size() and descriptor_size()");
  }
  void give(std::span<double> to) const
  {
    check(to.size());
    std::copy(dynamics_.positions().begin(), dynamics_.positions().end(), to.begin());
  }

  Random random_;
  double dt_;
  Overdamped<MullerBrown> dynamics_;
};

class Valley : public System {
 public:
  explicit Valley(const SystemSettings& settings)
      : temperature_(settings.temperature), dt_(settings.dt > 0 ? settings.dt : own_dt)
  {}

  const std::vector<std::string>& states() const override { return states_; }
  std::int64_t descriptor_size() const override { return MullerBrown::size; }
  std::int64_t state_size() const override { return MullerBrown::size; }
  double dt() const override { return dt_; }
  std::unique_ptr<Walker> walker(std::uint64_t seed) const override
  {
    return std::make_unique<ValleyWalker>(temperature_, dt_, seed);
  }
  std::vector<double> equilibrium() const override
  {
    const auto populations = MullerBrown{}.populations(temperature_);
    return {populations.begin(), populations.end()};
  }

 private:
  double temperature_;
  double dt_;
  std::vector<std::string> states_ = {"A", "B", "I"};
};

}  // namespace

std::unique_ptr<System> make_valley(const SystemSettings& settings)
{
  return std::make_unique<Valley>(settings);
}

}  // namespace steer
