// Prints effective conductivities beside those that are known, or what solvers cost; exits with 1
// where a value is off.
#include "laboratory.hpp"
#include "reference_check.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <chrono>
#include <exception>

namespace {

double seconds()
{
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

template <class Work>
double milliseconds(int repetitions, const Work& work)
{
  const double begin = seconds();
  for (int i = 0; i < repetitions; ++i) work(i);
  return 1e3 * (seconds() - begin) / repetitions;
}

void print_times(std::uint64_t seed)
{
  using funnel::Solver;
  funnel::LibrarySettings settings;
  settings.seed = seed;
  const funnel::Phases phases;
  const funnel::Library library{settings};
  const auto describe = milliseconds(100, [&](int i) { static_cast<void>(library.image(i)); });
  fmt::print("milliseconds of one: image {:.3f}\n{:<28}{:>10}{:>10}{:>10}\n", describe,
             "solve on so many pixels", "16", "32", "64");
  for (const auto& [name, solver] : {std::pair{"Cholesky, dissection", Solver::dissection},
                                     std::pair{"Cholesky, minimum degree", Solver::minimum_degree},
                                     std::pair{"conjugate gradients", Solver::gradients}}) {
    fmt::print("{:<28}", name);
    for (const int size : {16, 32, 64}) {
      funnel::Conduction conduction{size, solver};
      const int repetitions = 20 * 64 / size;
      std::vector<std::vector<double>> values;
      values.reserve(static_cast<std::size_t>(repetitions));
      for (int i = 0; i < repetitions; ++i)
        values.push_back(funnel::coarse_conductivities(library.image(i), phases, size));
      fmt::print("{:>10.3f}", milliseconds(repetitions, [&](int i) {
                   static_cast<void>(conduction.effective(values[static_cast<std::size_t>(i)]));
                 }));
    }
    fmt::print("\n");
  }
}

int run(int argc, char** argv)
{
  CLI::App app{"Is the physics of the miniapp funnel right? Conductivities beside those known."};
  std::uint64_t seed = 1;
  int images = 5;
  bool time = false;
  app.add_option("--seed", seed, "of the library")->capture_default_str();
  app.add_option("--images", images, "microstructures that are refined and turned")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_flag("--time", time, "instead: milliseconds of each solver");
  CLI11_PARSE(app, argc, argv);
  if (time) {
    print_times(seed);
    return 0;
  }
  fmt::print("{:<58} {:>14} {:>14} {:>14}\n", "effective conductivity unless named otherwise",
             "least", "value", "most");
  const bool good = funnel::check_references(seed, images, [](const funnel::CheckRow& row) {
    fmt::print("{:<58} {:>14.8g} {:>14.8g} {:>14.8g}{}\n", row.name, row.least, row.value, row.most,
               row.within() ? "" : "  OFF");
  });
  return good ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv)
{
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "funnel-check: {}\n", error.what());
  }
  return 2;
}
