// Schedulers of a tuning, event by event, and on functions whose minima are known.

#include "couplers/tuning/halving.hpp"
#include "couplers/tuning/population.hpp"
#include "couplers/tuning/settings.hpp"

#include <cardan/config.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

using namespace cardan;
using namespace cardan::tuning;

namespace {

Settings settings_of(const std::string& keys,
                     const std::string& space = "x = { low = 0.0, high = 1.0 }\n")
{
  const auto file = Config::from_text(
      "[run]\nseed = 3\n[tuning.t]\n" + keys + "[tuning.t.space]\n" + space, "run.toml");
  const auto settings = read_settings(file, "t");
  leave_to_others(file, "t");
  static_cast<void>(file.table("run").get<std::int64_t>("seed"));
  file.reject_unknown();
  return settings;
}

/// What was asked for, then what it is told.
struct Event {
  TuningVerdict cause;
  std::int64_t trial;
  int rung;
  double loss;
  TuningVerdict verdict;
};

double branin(double x, double y)
{
  constexpr double pi = 3.14159265358979323846;
  const double u = 15 * x - 5;
  const double v = 15 * y;
  const double a = v - 5.1 / (4 * pi * pi) * u * u + 5 / pi * u - 6;
  return a * a + 10 * (1 - 1 / (8 * pi)) * std::cos(u) + 10;
}

double hartmann6(const std::vector<double>& x)
{
  constexpr std::array<double, 4> alpha{1, 1.2, 3, 3.2};
  constexpr double a[4][6] = {{10, 3, 17, 3.5, 1.7, 8},
                              {0.05, 10, 17, 0.1, 8, 14},
                              {3, 3.5, 1.7, 10, 17, 8},
                              {17, 8, 0.05, 10, 0.1, 14}};
  constexpr double p[4][6] = {{0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886},
                              {0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991},
                              {0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650},
                              {0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381}};
  double sum = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    double squares = 0;
    for (std::size_t j = 0; j < 6; ++j) squares += a[i][j] * (x[j] - p[i][j]) * (x[j] - p[i][j]);
    sum -= alpha[i] * std::exp(-squares);
  }
  return sum;
}

struct Outcome {
  double best = std::numeric_limits<double>::infinity();
  std::int64_t epochs = 0;
  std::map<int, std::int64_t> rungs;
};

/// Several pieces under way at once, the oldest of which ends first.
template <class Function>
Outcome run(Scheduler& scheduler, std::size_t workers, Function&& function)
{
  Outcome outcome;
  std::map<std::int64_t, std::int64_t> epochs;
  std::set<std::pair<std::int64_t, int>> seen;
  std::deque<Piece> under_way;
  while (true) {
    while (under_way.size() < workers) {
      const auto piece = scheduler.ask();
      if (!piece) break;
      under_way.push_back(*piece);
    }
    if (under_way.empty()) break;
    const Piece piece = under_way.front();
    under_way.pop_front();
    CHECK(seen.emplace(piece.trial, piece.rung).second);
    if (piece.from >= 0) epochs[piece.trial] = epochs[piece.from];
    outcome.epochs += piece.epochs;
    const auto after = epochs[piece.trial] += piece.epochs;
    const double loss = function(scheduler.values()[static_cast<std::size_t>(piece.trial)],
                                 static_cast<double>(after));
    outcome.best = std::min(outcome.best, loss);
    ++outcome.rungs[piece.rung];
    scheduler.tell(piece, loss);
  }
  return outcome;
}

}  // namespace

TEST_CASE("asynchronous halving promotes as its paper's algorithm does")
{
  // Worked out by hand: rungs at 1, 2 and 4 epochs, and of each rung the better half is promoted.
  using V = TuningVerdict;
  const std::vector<Event> events{
      {V::begin, 0, 0, 0.50, V::pause},    {V::begin, 1, 0, 0.30, V::pause},
      {V::promote, 1, 1, 0.25, V::pause},  {V::begin, 2, 0, 0.40, V::pause},
      {V::begin, 3, 0, 0.10, V::pause},    {V::promote, 3, 1, 0.08, V::pause},
      {V::promote, 3, 2, 0.05, V::finish}, {V::begin, 4, 0, 0.20, V::pause},
      {V::promote, 4, 1, 0.15, V::pause},  {V::begin, 5, 0, 0.35, V::pause},
  };
  Asha asha{settings_of("trials = 6\nscheduler = { eta = 2, max = 4 }\n")};
  for (const Event& event : events) {
    const auto piece = asha.ask();
    REQUIRE(piece);
    CHECK(piece->cause == event.cause);
    CHECK(piece->trial == event.trial);
    CHECK(piece->rung == event.rung);
    CHECK(piece->epochs == (event.rung == 2 ? 2 : 1));
    CHECK(asha.tell(*piece, event.loss) == event.verdict);
  }
  CHECK(!asha.ask());
}

TEST_CASE("it goes on without those that are under way, and never with what diverged")
{
  Asha asha{settings_of("trials = 5\nscheduler = { eta = 2, max = 2 }\n")};
  const auto a = asha.ask();
  const auto b = asha.ask();
  const auto c = asha.ask();
  CHECK(asha.tell(*c, std::numeric_limits<double>::quiet_NaN()) == TuningVerdict::stop);
  CHECK(asha.tell(*a, 2.0) == TuningVerdict::pause);
  // Two are done, and the better of them goes on while the third is still trained.
  const auto next = asha.ask();
  CHECK(next->cause == TuningVerdict::promote);
  CHECK(next->trial == a->trial);
  CHECK(asha.tell(*b, 1.0) == TuningVerdict::pause);
  // Of three one may be promoted: the better one, though the other was already.
  const auto late = asha.ask();
  CHECK(late->cause == TuningVerdict::promote);
  CHECK(late->trial == b->trial);
  CHECK(asha.ask()->cause == TuningVerdict::begin);
}

TEST_CASE("halving waits for its rung")
{
  Halving halving{
      settings_of("trials = 4\nscheduler = { kind = \"halving\", eta = 2, max = 4 }\n")};
  std::vector<Piece> pieces;
  for (int t = 0; t < 4; ++t) pieces.push_back(*halving.ask());
  CHECK(!halving.ask());
  for (int t = 0; t < 3; ++t) halving.tell(pieces[static_cast<std::size_t>(t)], 4.0 - t);
  CHECK(!halving.ask());
  halving.tell(pieces[3], 9.0);
  CHECK(halving.ask()->trial == 2);
  const auto second = halving.ask();
  CHECK(second->trial == 1);
  CHECK(second->epochs == 1);
  CHECK(!halving.ask());
}

TEST_CASE("a population replaces its worst by its best, and keeps the model's own values")
{
  Population population{settings_of(
      "trials = 5\nscheduler = { kind = \"population\", min = 2, max = 6, resample = 0.0 }\n",
      "model.hidden = { choices = [[8], [16, 16]] }\nrate = { low = 1e-4, high = 1.0, log = true "
      "}\n")};
  std::vector<Piece> pieces;
  for (int t = 0; t < 5; ++t) pieces.push_back(*population.ask());
  CHECK(!population.ask());
  for (int t = 0; t < 4; ++t) {
    CHECK(population.tell(pieces[static_cast<std::size_t>(t)], t) == TuningVerdict::go_on);
    CHECK(population.ask()->trial == t);
  }
  CHECK(population.tell(pieces[4], 7.0) == TuningVerdict::stop);
  const auto clone = population.ask();
  CHECK(clone->cause == TuningVerdict::clone);
  CHECK(clone->trial == 5);
  CHECK(clone->from == 0);
  CHECK(clone->rung == 1);
  CHECK(clone->epochs == 2);
  const auto& values = population.values();
  CHECK(values[5][0] == values[0][0]);
  const double ratio = values[5][1] / values[0][1];
  CHECK((std::abs(ratio - 1.2) < 1e-12 || std::abs(ratio - 1 / 1.2) < 1e-12 || values[5][1] == 1));
}

TEST_CASE("one whose members all diverge comes to an end")
{
  Population population{
      settings_of("trials = 3\nscheduler = { kind = \"population\", max = 4 }\n")};
  int pieces = 0;
  while (const auto piece = population.ask()) {
    population.tell(*piece, std::numeric_limits<double>::infinity());
    REQUIRE(++pieces < 100);
  }
}

TEST_CASE("on Branin and Hartmann-6 halving finds what random search does, for half of the epochs")
{
  const auto search = [](const std::string& kind, const std::string& space, std::size_t workers,
                         auto&& function, std::int64_t seed) {
    const auto scheduler = make_scheduler(
        settings_of("trials = 81\nseed = " + std::to_string(seed) + "\nscheduler = { kind = \"" +
                        kind + "\", eta = 3, max = 27 }\n",
                    space));
    return run(*scheduler, workers, function);
  };
  std::string six;
  for (int d = 0; d < 6; ++d) {
    six.append("x").append(std::to_string(d)).append(" = { low = 0.0, high = 1.0 }\n");
  }
  // What is left to learn is the same for all: no noise, and no crossing.
  const auto on_branin = [](const std::vector<double>& x, double epochs) {
    return branin(x[0], x[1]) + 30 / epochs;
  };
  const auto on_hartmann = [](const std::vector<double>& x, double epochs) {
    return hartmann6(x) + 1 / epochs;
  };
  CHECK(branin((3.14159265358979 + 5) / 15, 2.275 / 15) == doctest::Approx(0.397887).epsilon(1e-5));
  CHECK(hartmann6({0.20169, 0.150011, 0.476874, 0.275332, 0.311652, 0.6573}) ==
        doctest::Approx(-3.32237).epsilon(1e-5));
  for (std::int64_t seed = 0; seed < 5; ++seed)
    for (const std::size_t workers : {1U, 4U, 16U}) {
      const auto both = [&](const std::string& space, auto&& function) {
        const Outcome all = search("random", space, workers, function, seed);
        CHECK(all.epochs == 81 * 27);
        for (const auto* kind : {"asha", "halving"}) {
          const Outcome some = search(kind, space, workers, function, seed);
          CHECK(some.best == all.best);
          CHECK(2 * some.epochs < all.epochs);
          CHECK(some.rungs.at(0) == 81);
          // Those that were promoted too early are over and above.
          CHECK(some.rungs.at(1) >= 27);
          CHECK(some.rungs.at(3) >= 3);
          if (std::string(kind) == "halving") CHECK(some.epochs == 81 + 27 * 2 + 9 * 6 + 3 * 18);
        }
      };
      both("x = { low = 0.0, high = 1.0 }\ny = { low = 0.0, high = 1.0 }\n", on_branin);
      both(six, on_hartmann);
    }
}
