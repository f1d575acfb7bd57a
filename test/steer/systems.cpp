// The systems of steer through their interface: states, restarts, seeds, settings that are wrong.
#include "system.hpp"

#include <doctest/doctest.h>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <memory>
#include <string>
#include <vector>

using steer::make_system;
using steer::System;
using steer::SystemSettings;

namespace {

SystemSettings settings(const std::string& name, const std::string& target = "labels")
{
  SystemSettings result;
  result.name = name;
  result.target = target;
  result.temperature = name == "muller_brown" ? 20 : 0.15;
  return result;
}

std::vector<double> saved(const System& system, const steer::Walker& walker)
{
  std::vector<double> state(static_cast<std::size_t>(system.state_size()));
  walker.save(state);
  return state;
}

std::vector<double> described(const System& system, const steer::Walker& walker)
{
  std::vector<double> descriptor(static_cast<std::size_t>(system.descriptor_size()));
  walker.describe(descriptor);
  return descriptor;
}

std::string complaint(const SystemSettings& wrong)
{
  try {
    make_system(wrong);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("a seed says a trajectory; a restart begins it anew")
{
  for (const char* name : {"muller_brown", "lj7", "lj13", "lj38"}) {
    CAPTURE(name);
    const auto system = make_system(settings(name));
    const auto a = system->walker(3);
    const auto b = system->walker(3);
    const auto c = system->walker(4);
    CHECK(a->advance(50) == doctest::Approx(50 * system->dt()));
    b->advance(20);
    b->advance(30);
    c->advance(50);
    CHECK(saved(*system, *a) == saved(*system, *b));
    CHECK(saved(*system, *a) != saved(*system, *c));

    const auto frame = saved(*system, *c);
    a->restart(frame, 9);
    b->restart(frame, 9);
    c->restart(frame, 10);
    CHECK(described(*system, *a) == described(*system, *c));
    a->advance(50);
    b->advance(50);
    c->advance(50);
    CHECK(saved(*system, *a) == saved(*system, *b));
    CHECK(saved(*system, *a) != saved(*system, *c));
    a->restart({}, 3);
    b->restart({}, 3);
    CHECK(saved(*system, *a) == saved(*system, *b));
    CHECK_THROWS_AS(a->restart(std::vector<double>(3), 1), std::invalid_argument);
  }
}

TEST_CASE("velocities are drawn at the temperature")
{
  const auto system = make_system(settings("lj7"));
  const auto walker = system->walker(1);
  const auto frame = saved(*system, *walker);
  double sum = 0;
  constexpr int draws = 4000;
  for (int i = 0; i < draws; ++i) {
    walker->restart(frame, static_cast<std::uint64_t>(i));
    sum += walker->kinetic();
  }
  // 14 / 2 kT, five standard errors.
  CHECK(std::abs(sum / draws - 7 * 0.15) < 5 * 0.15 * std::sqrt(7.0 / draws));
}

TEST_CASE("labels say which atom is in the middle; isomers do not")
{
  const auto labels = make_system(settings("lj7"));
  const auto isomers = make_system(settings("lj7", "isomers"));
  CHECK(labels->states().size() == 7);
  CHECK(isomers->states().size() == 4);
  const auto walker = labels->walker(1);
  CHECK(walker->state() == 0);
  auto frame = saved(*labels, *walker);
  const auto before = described(*labels, *walker);
  for (const std::size_t offset : {std::size_t{0}, std::size_t{7}})
    std::swap(frame[offset], frame[offset + 5]);
  walker->restart(frame, 2);
  CHECK(walker->state() == 5);
  CHECK(described(*labels, *walker) != before);
  const auto other = isomers->walker(1);
  const auto sorted = described(*isomers, *other);
  CHECK(std::is_sorted(sorted.begin(), sorted.end()));
  other->restart(frame, 2);
  CHECK(other->state() == 0);
  const auto exchanged = described(*isomers, *other);
  for (std::size_t i = 0; i < 7; ++i) CHECK(exchanged[i] == doctest::Approx(sorted[i]));
  // Somewhere in a trajectory there is no label, but always an isomer.
  const auto hot = [] {
    auto result = settings("lj7", "isomers");
    result.temperature = 0.25;
    return result;
  }();
  const auto fast = make_system(hot)->walker(1);
  std::vector<double> now(28);
  int without = 0;
  for (int i = 0; i < 500; ++i) {
    fast->advance(100);
    fast->save(now);
    walker->restart(now, 1);
    const int isomer = fast->state();
    CHECK(isomer >= 0);
    CHECK((walker->state() >= 0) == (isomer == 0));
    without += isomer == 0 ? 0 : 1;
  }
  CHECK(without > 0);
}

TEST_CASE("a frame that is not finite is in no state, and a restart mends its walker")
{
  for (const char* name : {"muller_brown", "lj7", "lj38"}) {
    CAPTURE(name);
    const auto system = make_system(settings(name, "isomers"));
    const auto walker = system->walker(1);
    auto frame = saved(*system, *walker);
    frame[1] = std::numeric_limits<double>::quiet_NaN();
    walker->restart(frame, 1);
    walker->advance(10);
    CHECK(walker->state() == -1);
    CHECK(std::isnan(described(*system, *walker)[0]));
    walker->restart({}, 1);
    CHECK(std::isfinite(walker->potential()));
  }
}

TEST_CASE("a swarm's walker hops from minimum to minimum")
{
  auto cold = settings("lj13");
  cold.temperature = 0.8;
  const auto system = make_system(cold);
  const auto walker = system->walker(1);
  double lowest = 0;
  for (int i = 0; i < 300 && walker->state() != 0; ++i) lowest = std::min(lowest, walker->hop());
  CHECK(lowest == doctest::Approx(-44.326801).epsilon(1e-8));
  CHECK(walker->potential() == lowest);
  CHECK_THROWS_WITH(make_system(settings("muller_brown"))->walker(1)->hop(),
                    doctest::Contains("no basin hopping"));
}

TEST_CASE("populations at equilibrium where they are known")
{
  const auto at = [](double temperature, const char* target) {
    auto wanted = settings("lj7", target);
    wanted.temperature = temperature;
    return make_system(wanted)->equilibrium();
  };
  CHECK(at(0.15, "isomers")[1] == doctest::Approx(0.0556).epsilon(1e-3));
  CHECK(at(0.10, "isomers")[0] == doctest::Approx(0.9965).epsilon(1e-3));
  CHECK(at(0.15, "labels").size() == 7);
  CHECK(at(0.15, "labels")[3] == doctest::Approx(0.882 / 7).epsilon(1e-3));
  // Between two rows: between their values.
  CHECK(at(0.16, "isomers")[1] > at(0.15, "isomers")[1]);
  CHECK(at(0.16, "isomers")[1] < at(0.17, "isomers")[1]);
  CHECK(at(0.05, "isomers").empty());
  CHECK(at(0.4, "isomers").empty());
}

TEST_CASE("noise behind a descriptor changes nothing but the descriptor")
{
  auto chosen = settings("lj7");
  const auto plain = make_system(chosen);
  chosen.nuisance = 3;
  const auto noisy = make_system(chosen);
  CHECK(noisy->descriptor_size() == plain->descriptor_size() + 3);
  CHECK(noisy->state_size() == plain->state_size());
  const auto one = plain->walker(5);
  const auto other = noisy->walker(5);
  CHECK(one->advance(200) == other->advance(200));
  CHECK(saved(*plain, *one) == saved(*noisy, *other));
  const auto without = described(*plain, *one);
  const auto first = described(*noisy, *other);
  const auto second = described(*noisy, *other);
  CHECK(std::equal(without.begin(), without.end(), first.begin()));
  CHECK(first.back() != second.back());
  CHECK(described(*noisy, *noisy->walker(5)).back() == first.back());
  chosen.nuisance = -1;
  CHECK_THROWS(make_system(chosen));
}

TEST_CASE("settings that are wrong are named, with what is known")
{
  auto wrong = settings("lj8");
  CHECK(complaint(wrong) ==
        "system = \"lj8\" (unknown); take one of muller_brown, lj7, lj13, lj38");
  wrong = settings("lj7", "shapes");
  CHECK(complaint(wrong) == "target = \"shapes\" (unknown); take one of labels, isomers");
  wrong = settings("lj7");
  wrong.engine = "gromacs";
  CHECK(complaint(wrong) == "engine = \"gromacs\" (unknown); take one of built-in, lammps");
  wrong = settings("lj38");
  wrong.engine = "lammps";
  CHECK(complaint(wrong).find("only for lj7") != std::string::npos);
  wrong = settings("lj7");
  wrong.temperature = 0;
  CHECK(complaint(wrong).find("temperature = 0.000000 (must be positive)") == 0);
  wrong.temperature = std::numeric_limits<double>::quiet_NaN();
  CHECK(complaint(wrong).find("(must be positive)") != std::string::npos);
  wrong = settings("lj7");
  wrong.friction = -1;
  CHECK(complaint(wrong).find("friction") == 0);
  wrong = settings("lj7");
  wrong.dt = -1;
  CHECK(complaint(wrong).find("dt") == 0);
}
