#include "dynamics_check.hpp"

#include "cluster.hpp"
#include "estimate.hpp"
#include "exchange.hpp"
#include "muller_brown.hpp"
#include "passage.hpp"
#include "quench.hpp"
#include "system.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <memory>
#include <vector>

namespace steer {
namespace {

constexpr std::size_t blocks = 20;

std::string text(double value)
{
  std::string result = std::to_string(value);
  result.erase(result.find_last_not_of('0') + 1);
  if (result.back() == '.') result += '0';
  return result;
}

class Check {
 public:
  Check(const CheckSettings& settings, const std::function<void(const CheckRow&)>& report)
      : settings_(settings), report_(report)
  {}

  void row(const CheckRow& row)
  {
    report_(row);
    good_ = good_ && row.within();
  }
  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] bool full() const { return settings_.extent == Extent::full; }

  void isomers();
  void drift();
  void equipartition();
  void wells_by_quadrature();
  void wells_by_trajectory(double kT, const std::vector<double>& known, double time);
  void passage(double kT, double known, double dt, std::int64_t walks);
  void isomers_by_trajectory(double time);
  void isomers_by_exchange(double time);
  void swarm(const std::string& name, double known, int walkers, int hops);

 private:
  [[nodiscard]] SystemSettings lj7() const
  {
    SystemSettings settings;
    settings.target = "isomers";
    settings.engine = settings_.engine;
    return settings;
  }
  void shares(const std::string& name, const System& system, double time, std::int64_t stride,
              const std::vector<double>& known, double tolerance);

  CheckSettings settings_;
  const std::function<void(const CheckRow&)>& report_;
  bool good_ = true;
};

// Quenches of a hot trajectory.
void Check::isomers()
{
  const std::vector<double> known = {-12.5349, -11.5013, -11.4769, -11.4034};
  std::vector<double> found(known.size(), std::numeric_limits<double>::quiet_NaN());
  SystemSettings settings = lj7();
  settings.temperature = 0.25;
  const auto walker = make_system(settings)->walker(settings_.seed);
  const Lj7 potential(lj7_kind().wall);
  std::vector<double> frame(2 * Lj7::size);
  for (int i = 0; i < 2000; ++i) {
    walker->advance(200);
    const int state = walker->state();
    if (state < 0 || !std::isnan(found[static_cast<std::size_t>(state)])) continue;
    walker->save(frame);
    Lj7::Vector x;
    std::copy_n(frame.begin(), x.size(), x.begin());
    found[static_cast<std::size_t>(state)] = quench(potential, x).energy;
  }
  for (std::size_t i = 0; i < known.size(); ++i) {
    row({"LJ7 energy of isomer " + std::to_string(i + 1), found[i], known[i], 0, 1e-4});
  }
}

// Of velocity Verlet, from frames at T = 0.15.
void Check::drift()
{
  struct Errors {
    double drift;
    double scatter;
  };
  const auto measure = [&](double dt) {
    SystemSettings settings = lj7();
    settings.friction = 0;
    settings.dt = dt;
    const auto walker = make_system(settings)->walker(settings_.seed);
    // The drift is from the first four hundred to the last four hundred of these.
    std::vector<double> energies;
    const auto stride = static_cast<std::int64_t>(std::lround(0.25 / dt));
    for (int i = 0; i < 8000; ++i) {
      walker->advance(stride);
      energies.push_back(walker->potential() + walker->kinetic());
    }
    const auto mean = [&](std::size_t from, std::size_t count) {
      double sum = 0;
      for (std::size_t i = 0; i < count; ++i) sum += energies[from + i];
      return sum / static_cast<double>(count);
    };
    const double all = mean(0, energies.size());
    double square = 0;
    for (const double each : energies) square += (each - all) * (each - all);
    return Errors{(mean(energies.size() - 400, 400) - mean(0, 400)) / 1900,
                  std::sqrt(square / static_cast<double>(energies.size()))};
  };
  const Errors at = measure(0.005);
  const Errors half = measure(0.0025);
  row({"LJ7 energy drift per time unit, dt 0.005", at.drift, 0, 0, 1e-6});
  row({"LJ7 scatter of the energy, dt 0.005", at.scatter, 0, 0, 5e-3});
  row({"LJ7 scatter, dt 0.005 over dt 0.0025", at.scatter / half.scatter, 4, 0, 0.6});
}

// Of the thermostat: 14 / 2 kT.
void Check::equipartition()
{
  const auto walker = make_system(lj7())->walker(settings_.seed);
  std::vector<double> ratios;
  for (std::size_t block = 0; block < blocks; ++block) {
    double sum = 0;
    for (int i = 0; i < 250; ++i) {
      walker->advance(200);
      sum += walker->kinetic();
    }
    ratios.push_back(sum / 250 / (7 * lj7().temperature));
  }
  const Estimate ratio = estimate(ratios);
  row({"LJ7 T 0.15 kinetic energy over 7 kT", ratio.mean, 1, ratio.error, 2e-3});
}

void Check::wells_by_quadrature()
{
  const std::vector<double> temperatures = {10, 20};
  const std::vector<std::vector<double>> known = {{0.97438, 0.02241, 0.00321},
                                                  {0.80578, 0.12913, 0.06509}};
  for (std::size_t t = 0; t < temperatures.size(); ++t) {
    const auto shares = MullerBrown{}.populations(temperatures[t]);
    for (std::size_t i = 0; i < 3; ++i) {
      row({"Muller-Brown p(" + std::string{"ABI"[i]} + "), kT " + text(temperatures[t]) +
               ", quadrature",
           shares[i], known[t][i], 0, 2e-4});
    }
  }
}

// Of a trajectory, in blocks after the first.
void Check::shares(const std::string& name, const System& system, double time, std::int64_t stride,
                   const std::vector<double>& known, double tolerance)
{
  const auto walker = system.walker(settings_.seed);
  const std::size_t states = system.states().size();
  const auto frames =
      static_cast<std::int64_t>(time / blocks / (system.dt() * static_cast<double>(stride)));
  std::vector<std::vector<double>> shares(states);
  for (std::size_t block = 0; block <= blocks; ++block) {
    std::vector<double> counts(states);
    for (std::int64_t i = 0; i < frames; ++i) {
      walker->advance(stride);
      const int state = walker->state();
      if (state >= 0) counts[static_cast<std::size_t>(state)] += 1;
    }
    if (block == 0) continue;
    for (std::size_t k = 0; k < states; ++k) {
      shares[k].push_back(counts[k] / static_cast<double>(frames));
    }
  }
  for (std::size_t k = 0; k < states; ++k) {
    const Estimate share = estimate(shares[k]);
    row({name + " p(" + system.states()[k] + ')', share.mean, known[k], share.error, tolerance});
  }
}

void Check::wells_by_trajectory(double kT, const std::vector<double>& known, double time)
{
  SystemSettings settings;
  settings.name = "muller_brown";
  settings.temperature = kT;
  shares("Muller-Brown kT " + text(kT) + " trajectory", *make_system(settings), time, 200, known,
         2e-3);
}

void Check::passage(double kT, double known, double dt, std::int64_t walks)
{
  const Estimate time = sample_first_passage(kT, dt, walks, settings_.seed);
  // Of first order in dt: 1.3 percent at dt = 1e-4.
  row({"Muller-Brown passage A to B, kT " + text(kT) + ", dt " + text(dt), time.mean, known,
       time.error, 200 * dt * known});
}

void Check::isomers_by_trajectory(double time)
{
  shares("LJ7 T 0.15 trajectory", *make_system(lj7()), time, 100, lj7_populations(0.15), 1e-3);
}

void Check::isomers_by_exchange(double time)
{
  const std::vector<double> temperatures = {0.10, 0.11, 0.12, 0.135, 0.15, 0.17, 0.20, 0.24};
  const auto found = exchanged_populations(temperatures, time, settings_.seed);
  for (const std::size_t t : {std::size_t{0}, std::size_t{2}, std::size_t{4}}) {
    const auto known = lj7_populations(temperatures[t]);
    for (std::size_t i = 0; i < known.size(); ++i) {
      row({"LJ7 T " + text(temperatures[t]) + " exchange p(isomer " + std::to_string(i + 1) + ')',
           found[t][i].mean, known[i], found[t][i].error, t == 4 ? 5e-4 : 1e-4});
    }
  }
}

void Check::swarm(const std::string& name, double known, int walkers, int hops)
{
  SystemSettings settings;
  settings.name = name;
  settings.temperature = 0.8;
  const auto system = make_system(settings);
  double lowest = std::numeric_limits<double>::infinity();
  std::vector<double> needed;
  for (int i = 0; i < walkers; ++i) {
    const auto walker = system->walker(settings_.seed + static_cast<std::uint64_t>(i));
    int hop = 0;
    double energy = 0;
    while (hop < hops && energy > known + 1e-4) {
      energy = walker->hop();
      ++hop;
      lowest = std::min(lowest, energy);
    }
    needed.push_back(hop);
  }
  std::sort(needed.begin(), needed.end());
  row({name + " lowest minimum (median of " + std::to_string(walkers) +
           " walkers: " + std::to_string(std::lround(needed[needed.size() / 2])) + " hops)",
       lowest, known, 0, 2e-6});
}

}  // namespace

bool CheckRow::within() const
{
  return std::abs(value - reference) <= tolerance + 4 * error;
}

bool check_dynamics(const CheckSettings& settings,
                    const std::function<void(const CheckRow&)>& report)
{
  Check check(settings, report);
  check.isomers();
  check.drift();
  check.equipartition();
  check.wells_by_quadrature();
  check.wells_by_trajectory(20, {0.80578, 0.12913, 0.06509}, check.full() ? 10000 : 2000);
  check.passage(20, 1.340, 5e-5, check.full() ? 10000 : 2500);
  check.isomers_by_trajectory(check.full() ? 200000 : 60000);
  check.swarm("lj13", -44.326801, 5, 500);
  if (!check.full()) return check.good();
  check.passage(20, 1.340, 1e-4, 10000);
  check.passage(20, 1.340, 2e-4, 10000);
  check.wells_by_trajectory(10, {0.97438, 0.02241, 0.00321}, 20000);
  check.passage(10, 198.1, 1e-4, 300);
  check.isomers_by_exchange(50000);
  check.swarm("lj38", -173.928427, 8, 20000);
  return check.good();
}

}  // namespace steer
