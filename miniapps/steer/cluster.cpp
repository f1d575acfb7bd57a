#include "cluster.hpp"

#include "coordination.hpp"
#include "hopping.hpp"
#include "langevin.hpp"
#include "quench.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <utility>

namespace steer {
namespace {

constexpr double same_energy = 2e-3;  // of two minima; the nearest two of LJ7 are 0.024 apart
constexpr double loose = 0.4;         // Wales and Doye: bound so much less, an atom is moved

template <typename Potential>
class BuiltIn : public Engine<Potential> {
 public:
  using Vector = typename Potential::Vector;
  BuiltIn(const Potential& potential, const SystemSettings& settings, double dt)
      : dynamics_(potential, settings.temperature, dt, settings.friction)
  {}

  void start(const Vector& positions, const Vector& velocities, std::uint64_t seed) override
  {
    random_ = Random(seed);
    dynamics_.start(positions, velocities);
  }
  void advance(std::int64_t steps) override { dynamics_.advance(steps, random_); }
  const Vector& positions() const override { return dynamics_.positions(); }
  const Vector& velocities() const override { return dynamics_.velocities(); }
  double energy() const override { return dynamics_.energy(); }

 private:
  Random random_{0};
  Langevin<Potential> dynamics_;
};

/// What the walkers of a cluster share.
template <typename Potential>
struct Shared {
  using Vector = typename Potential::Vector;
  SystemSettings settings;
  ClusterKind kind;
  Potential potential;
  double dt;
  bool labels;

  Shared(const SystemSettings& given, const ClusterKind& of)
      : settings(given),
        kind(of),
        potential(of.wall),
        dt(given.dt > 0 ? given.dt : of.dt),
        labels(given.name == "lj7" && given.target == "labels")
  {}

  std::unique_ptr<Engine<Potential>> engine() const
  {
    if constexpr (Potential::count == 7) {
      if (settings.engine == "lammps") return lammps_engine(potential, settings, dt);
    }
    return built_in_engine(potential, settings, dt);
  }

  /// Where a walker begins: the hexagon around atom 0, or a minimum near atoms thrown at random.
  Vector beginning(Random& random) const
  {
    Vector x{};
    if constexpr (Potential::count == 7) {
      for (std::size_t i = 1; i < 7; ++i) {
        const double angle = static_cast<double>(i) * std::numbers::pi / 3;
        x[i] = 1.1 * std::cos(angle);
        x[7 + i] = 1.1 * std::sin(angle);
      }
    } else {
      x = scattered<Potential>(0.8 * kind.wall, random);
    }
    return quench(potential, x).x;
  }

  int state(const Vector& frame) const
  {
    const auto minimum = quench(potential, frame);
    if (!minimum.found) return -1;
    for (std::size_t i = 0; i < kind.isomers.size(); ++i) {
      if (std::abs(minimum.energy - kind.isomers[i].energy) > same_energy) continue;
      if (!labels) return static_cast<int>(i);
      return i == 0 ? middle(minimum.x) : -1;
    }
    return -1;
  }

  /// The atom with the most neighbours.
  static int middle(const Vector& x)
  {
    const auto numbers = coordination<Potential>(x);
    return static_cast<int>(std::max_element(numbers.begin(), numbers.end()) - numbers.begin());
  }
};

template <typename Potential>
class ClusterWalker : public Walker {
 public:
  using Vector = typename Potential::Vector;

  ClusterWalker(std::shared_ptr<const Shared<Potential>> shared, std::uint64_t seed)
      : shared_(std::move(shared)), random_(seed), engine_(shared_->engine())
  {
    restart({}, seed);
  }

  double advance(std::int64_t steps) override
  {
    engine_->advance(steps);
    quenched_ = false;
    return static_cast<double>(steps) * shared_->dt;
  }

  void save(std::span<double> state) const override
  {
    check(state.size(), 2 * Potential::size);
    std::copy(engine_->positions().begin(), engine_->positions().end(), state.begin());
    std::copy(engine_->velocities().begin(), engine_->velocities().end(),
              state.begin() + Potential::size);
  }

  void restart(std::span<const double> state, std::uint64_t seed) override
  {
    random_ = Random(seed);
    Vector x;
    if (state.empty()) {
      x = shared_->beginning(random_);
    } else {
      check(state.size(), 2 * Potential::size);
      std::copy_n(state.begin(), Potential::size, x.begin());
    }
    begin(x);
    quenched_ = false;
  }

  void describe(std::span<double> descriptor) const override
  {
    auto numbers = coordination<Potential>(engine_->positions());
    check(descriptor.size(), numbers.size());
    if (!shared_->labels) std::sort(numbers.begin(), numbers.end());
    std::copy(numbers.begin(), numbers.end(), descriptor.begin());
  }

  int state() const override { return shared_->state(engine_->positions()); }
  double potential() const override { return engine_->energy(); }
  double kinetic() const override
  {
    double sum = 0;
    for (const double v : engine_->velocities()) sum += v * v;
    return sum / 2;
  }

  double hop() override
  {
    if (!quenched_) {
      const auto minimum = quench(shared_->potential, engine_->positions());
      begin(minimum.x);
      quenched_ = true;
    }
    const Vector x = displaced<Potential>(engine_->positions(), shared_->kind.step, loose, random_);
    const auto minimum = quench(shared_->potential, x);
    const double rise = minimum.energy - engine_->energy();
    if (minimum.found &&
        (rise <= 0 || random_.uniform() < std::exp(-rise / shared_->settings.temperature))) {
      begin(minimum.x);
    }
    return engine_->energy();
  }

 private:
  static void check(std::size_t given, std::size_t wanted)
  {
    if (given == wanted) return;
    throw std::invalid_argument("cannot exchange " + std::to_string(given) +
                                " numbers with a walker (it has " + std::to_string(wanted) +
                                "); use its system's state_size() and descriptor_size()");
  }

  void begin(const Vector& x)
  {
    Vector v;
    for (double& each : v) each = std::sqrt(shared_->settings.temperature) * random_.gaussian();
    engine_->start(x, v, random_());
  }

  std::shared_ptr<const Shared<Potential>> shared_;
  Random random_;
  std::unique_ptr<Engine<Potential>> engine_;
  bool quenched_ = false;
};

template <typename Potential>
class Cluster : public System {
 public:
  Cluster(const SystemSettings& settings, const ClusterKind& kind)
      : shared_(std::make_shared<Shared<Potential>>(settings, kind))
  {
    if (shared_->labels) {
      for (std::size_t i = 0; i < Potential::count; ++i) {
        states_.push_back("centre " + std::to_string(i));
      }
    } else {
      for (const Isomer& isomer : kind.isomers) states_.push_back(isomer.name);
    }
  }

  const std::vector<std::string>& states() const override { return states_; }
  std::int64_t descriptor_size() const override { return Potential::count; }
  std::int64_t state_size() const override { return 2 * Potential::size; }
  double dt() const override { return shared_->dt; }
  std::unique_ptr<Walker> walker(std::uint64_t seed) const override
  {
    return std::make_unique<ClusterWalker<Potential>>(shared_, seed);
  }
  std::vector<double> equilibrium() const override
  {
    if (shared_->settings.name != "lj7") return {};
    auto isomers = lj7_populations(shared_->settings.temperature);
    if (!shared_->labels || isomers.empty()) return isomers;
    return std::vector<double>(Potential::count, isomers[0] / Potential::count);
  }

 private:
  std::shared_ptr<const Shared<Potential>> shared_;
  std::vector<std::string> states_;
};

}  // namespace

template <typename Potential>
std::unique_ptr<Engine<Potential>> built_in_engine(const Potential& potential,
                                                   const SystemSettings& settings, double dt)
{
  return std::make_unique<BuiltIn<Potential>>(potential, settings, dt);
}

std::unique_ptr<System> make_cluster(const SystemSettings& settings)
{
  if (settings.name == "lj7") return std::make_unique<Cluster<Lj7>>(settings, lj7_kind());
  if (settings.name == "lj13") return std::make_unique<Cluster<Lj13>>(settings, lj13_kind());
  return std::make_unique<Cluster<Lj38>>(settings, lj38_kind());
}

}  // namespace steer
