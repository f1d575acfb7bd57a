// Prints what the membrane computes beside published values and exact solutions; exits with 1 where
// one is off. With --walk: the posterior by walks that know nothing of Cardan.
//   invert-check --walk 100000 --langevin

#include "posterior.hpp"
#include "verification.hpp"

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <exception>

namespace {

using invert::WalkSettings;

void print(const invert::Check& check)
{
  fmt::print("{:<36} {:>16.9g} {:>16.9g} {:>10.1e}{}\n", check.name, check.value, check.reference,
             check.tolerance, check.passes() ? "" : "  OFF");
  std::fflush(stdout);
}

void print_walk(const WalkSettings& settings)
{
  invert::Posterior posterior{{}, invert::published_data()};
  const auto walk = invert::walk(posterior, settings);
  auto effective = walk.effective;
  std::sort(effective.begin(), effective.end());
  fmt::print(
      "{} steps, {:.3f} accepted; effective samples: {:.1f} at least, {:.1f} in the median, "
      "{:.2e} a solve\n",
      settings.steps, walk.acceptance, effective.front(), effective[effective.size() / 2],
      effective[effective.size() / 2] / static_cast<double>(settings.steps + settings.warmup));
  fmt::print("{:>5} {:>9} {:>9} {:>9} {:>9}\n", "block", "mean", "deviation", "error", "effective");
  for (std::size_t k = 0; k < walk.mean.size(); ++k)
    fmt::print("{:>5} {:>9.4f} {:>9.4f} {:>9.4f} {:>9.0f}\n", k, walk.mean[k], walk.deviation[k],
               walk.deviation[k] / std::sqrt(walk.effective[k]), walk.effective[k]);
}

int run(int argc, char** argv)
{
  CLI::App app{
      "Is the physics of the miniapp invert right? Values beside published and exact ones."};
  WalkSettings settings;
  settings.langevin = false;
  bool time = false;
  std::int64_t steps = 0;
  app.add_flag("--time", time, "instead: microseconds of a solve");
  app.add_option("--walk", steps, "instead: the posterior by so many steps of the published walk")
      ->check(CLI::PositiveNumber);
  app.add_flag("--langevin", settings.langevin, "of --walk: Langevin proposals, which mix faster");
  app.add_option("--seed", settings.seed, "of the walk")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  if (time) {
    const auto median = invert::time_solves();
    fmt::print("solve {:.0f} us, with its adjoint {:.0f} us\n", 1e6 * median.solve,
               1e6 * median.adjoint);
    return 0;
  }
  if (steps > 0) {
    settings.steps = steps;
    settings.warmup = steps / 5;
    print_walk(settings);
    return 0;
  }
  fmt::print("{:<36} {:>16} {:>16} {:>10}\n", "", "value", "reference", "allowed");
  return invert::verify(print) ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv)
{
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "invert-check: {}\n", error.what());
    return 2;
  }
}
