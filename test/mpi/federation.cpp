// Federations: what silos come to together, and what crosses.
#include "support/federation.hpp"
#include "support/small_matrix.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

using namespace cardan;
using test::Client;
using test::federation_run;
using test::LinearData;
using test::LinearLearner;
using test::Matrix;
using test::product;
using test::solve;
using test::with_silos;

namespace {

constexpr double rate = 0.1;

int silos_of(int ranks)
{
  return ranks > 1 ? ranks - 1 : 1;
}

std::size_t samples_of(int silo)
{
  return static_cast<std::size_t>(20 + 7 * silo);
}

/// One learner on the data of all silos.
std::vector<double> pooled(int silos, int rounds)
{
  LinearData all{0, 0};
  for (int s = 0; s < silos; ++s) {
    const LinearData data{s, samples_of(s)};
    all.x.insert(all.x.end(), data.x.begin(), data.x.end());
    all.y.insert(all.y.end(), data.y.begin(), data.y.end());
  }
  LinearLearner learner{rate};
  const auto* x = reinterpret_cast<const std::byte*>(all.x.data());
  const auto* y = reinterpret_cast<const std::byte*>(all.y.data());
  const auto count = static_cast<std::int64_t>(all.count());
  for (int r = 0; r < rounds; ++r)
    learner.step(learner.differentiate({count, &x}, {count, &y}, 1, [](std::size_t) {}), {});
  std::vector<double> w(learner.weights());
  learner.get_weights(w.data());
  return w;
}

void check_near(const std::vector<double>& a, const std::vector<double>& b, double tolerance)
{
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) CHECK(std::abs(a[i] - b[i]) <= tolerance);
}

}  // namespace

TEST_CASE("one full-batch step of all silos a round is training on all data together")
{
  const int silos = silos_of(test::world_size());
  const auto expected = pooled(silos, 50);
  for (const char* transport : {"auto", "two_sided"}) {
    CAPTURE(transport);
    const auto seen =
        with_silos(federation_run("rounds = 50\nlocal = { steps = 1 }\n", -1, transport), rate,
                   [&](Client& client, LinearLearner& learner, Session&) {
                     CHECK(client.silos() == silos);
                     LinearData{client.silo(), samples_of(client.silo())}.give(client);
                     FederationRound last;
                     double before = std::numeric_limits<double>::infinity();
                     for (int r = 0; r < 50; ++r) {
                       CHECK(!last.last);
                       last = client.round();
                       CHECK(last.round == r);
                       CHECK(last.version == static_cast<std::uint32_t>(r + 1));
                       CHECK(last.samples == static_cast<std::int64_t>(samples_of(client.silo())));
                       CHECK(last.steps == 1);
                       if (test::world_size() > 1) {
                         CHECK(last.answered);
                         CHECK(last.taken);
                         CHECK(last.participants == silos);
                         CHECK(last.late == 0);
                         // With one step the loss before it is that of the model that came last.
                         if (r > 0)
                           CHECK(last.local_loss == doctest::Approx(before).epsilon(1e-12));
                       }
                       before = last.global_loss;
                     }
                     CHECK(last.last);
                     CHECK(learner.steps == 50);
                     CHECK(client.round().round == 49);
                     CHECK(client.rounds().size() == 50);
                     check_near(client.global(), expected, 1e-13);
                     CHECK(learner.normalised.size() == 2);
                   });
    if (test::world_size() == 1) continue;
    CHECK(seen.counters.taken == 50 * silos);
    CHECK(seen.counters.versions == 50);
    CHECK(seen.counters.late == 0);
    CHECK(seen.counters.refused == 0);
  }
}

TEST_CASE("several ranks are one silo, whatever each of them holds")
{
  const int ranks = test::world_size();
  if (ranks % 2 == 0 || ranks < 3) return;
  const int silos = (ranks - 1) / 2;
  for (const bool one_has_all : {false, true}) {
    CAPTURE(one_has_all);
    const auto expected = pooled(silos, 20);
    with_silos(federation_run("rounds = 20\nranks_per_silo = 2\nlocal = { steps = 1 }\n"), rate,
               [&](Client& client, LinearLearner& learner, Session& session) {
                 CHECK(client.silos() == silos);
                 const auto part = static_cast<std::size_t>(test::rank_in(client.silo_comm()));
                 CHECK(test::size_of(client.silo_comm()) == 2);
                 CHECK(client.silo() == test::rank_in(session.comm()) / 2);
                 const LinearData data{client.silo(), samples_of(client.silo())};
                 // Uneven parts: a mean of means would be another mean.
                 if (!one_has_all)
                   data.give(client, part, part == 0 ? 2 : 2);
                 else if (part == 1)
                   data.give(client);
                 FederationRound last;
                 while (!last.last) last = client.round();
                 CHECK(last.samples == static_cast<std::int64_t>(samples_of(client.silo())));
                 check_near(client.global(), expected, 1e-13);
                 std::vector<double> own(learner.weights());
                 learner.get_weights(own.data());
                 check_near(own, client.global(), 0);
               });
  }
}

namespace {

/// Where E local steps w <- w - rate (H_i w - b_i + mu (w - v)) from v, averaged with p_i, leave v.
/// One silo's step is w <- M_i w + c_i(v) with M_i = I - rate (H_i + mu), c_i = rate (b_i + mu v),
/// so after E of them w = M^E v + S_i rate (b_i + mu v), S_i = sum_{e < E} M_i^e; the fixed point
/// solves sum_i p_i (I - M_i^E - mu rate S_i) v = sum_i p_i rate S_i b_i. With mu = 0 that is sum
/// p_i (I - (I - rate H_i)^E) (v - w_i*) = 0.
std::vector<double> fixed_point(int silos, int steps, double mu)
{
  constexpr std::size_t n = test::linear_width;
  Matrix left(n * n, 0.0);
  std::vector<double> right(n, 0.0);
  double total = 0;
  for (int s = 0; s < silos; ++s) total += static_cast<double>(samples_of(s));
  for (int s = 0; s < silos; ++s) {
    const LinearData data{s, samples_of(s)};
    const double p = static_cast<double>(samples_of(s)) / total;
    Matrix h(n * n, 0.0);
    std::vector<double> b(n, 0.0);
    for (std::size_t r = 0; r < data.count(); ++r)
      for (std::size_t i = 0; i < n; ++i) {
        b[i] += data.x[r * n + i] * data.y[r] / static_cast<double>(data.count());
        for (std::size_t j = 0; j < n; ++j)
          h[i * n + j] += data.x[r * n + i] * data.x[r * n + j] / static_cast<double>(data.count());
      }
    Matrix power(n * n, 0.0);
    Matrix sum(n * n, 0.0);
    Matrix m(n * n, 0.0);
    for (std::size_t i = 0; i < n; ++i) {
      power[i * n + i] = 1;
      for (std::size_t j = 0; j < n; ++j)
        m[i * n + j] = (i == j ? 1 - rate * mu : 0.0) - rate * h[i * n + j];
    }
    for (int e = 0; e < steps; ++e) {
      for (std::size_t i = 0; i < n * n; ++i) sum[i] += power[i];
      power = product(power, m);
    }
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j) {
        left[i * n + j] +=
            p * ((i == j ? 1.0 : 0.0) - power[i * n + j] - mu * rate * sum[i * n + j]);
        right[i] += p * rate * sum[i * n + j] * b[j];
      }
  }
  return solve(left, right);
}

double distance(const std::vector<double>& a, const std::vector<double>& b)
{
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(a[i] - b[i]));
  return most;
}

}  // namespace

TEST_CASE("many local steps on a quadratic come to the fixed point in closed form")
{
  const int silos = silos_of(test::world_size());
  const auto best = fixed_point(silos, 1, 0);
  for (const double mu : {0.0, 0.5}) {
    CAPTURE(mu);
    const auto expected = fixed_point(silos, 8, mu);
    if (silos > 1) {
      // Where silos differ that is not the best of all data, and mu brings it nearer.
      CHECK(distance(expected, best) > 1e-4);
      if (mu > 0) CHECK(distance(expected, best) < distance(fixed_point(silos, 8, 0), best));
    }
    std::string keys = "rounds = 400\nlocal = { steps = 8 }\n";
    if (mu > 0) keys += "algorithm = \"fedprox\"\nmu = 0.5\n";
    with_silos(federation_run(keys), rate, [&](Client& client, LinearLearner&, Session&) {
      LinearData{client.silo(), samples_of(client.silo())}.give(client);
      while (!client.round().last) {
      }
      // Alone there is no model to be held near but one's own.
      check_near(client.global(), expected, 1e-10);
    });
  }
}

TEST_CASE("the same seed gives the same weights bit for bit, another seed chooses others")
{
  const int silos = silos_of(test::world_size());
  const auto run = [&](const std::string& seed) {
    std::vector<double> end;
    std::int64_t steps = 0;
    const auto seen = with_silos(
        federation_run("rounds = 12\nparticipation = 0.5\nlocal = { epochs = 2, batch = 6 }\nnoise "
                       "= 0.3\nclip = 1.0\n",
                       -1, "auto", "deterministic = true\nseed = " + seed + "\n"),
        rate, [&](Client& client, LinearLearner& learner, Session&) {
          LinearData{client.silo(), samples_of(client.silo())}.give(client);
          while (!client.round().last) {
          }
          end = client.global();
          steps = learner.steps;
          for (const auto& round : client.rounds())
            CHECK(round.participants == (test::world_size() > 1 ? (silos + 1) / 2 : 0));
        });
    if (test::world_size() > 1) CHECK(seen.counters.taken == 12 * ((silos + 1) / 2));
    return std::pair{end, steps};
  };
  const auto one = run("3");
  const auto again = run("3");
  const auto other = run("4");
  CHECK(one == again);
  if (!one.first.empty()) CHECK(one.first != other.first);
}

TEST_CASE("without waiting for one another silos come near the pooled optimum")
{
  const int silos = silos_of(test::world_size());
  const auto best = fixed_point(silos, 1, 0);
  for (const char* kind : {"polynomial", "constant", "hinge"}) {
    const auto seen = with_silos(
        federation_run(
            "mode = \"async\"\nrounds = 200\nlocal = { steps = 1 }\nstaleness = { kind = "
            "\"" +
            std::string(kind) + "\", alpha = 0.5 }\n"),
        rate, [&](Client& client, LinearLearner&, Session&) {
          LinearData{client.silo(), samples_of(client.silo())}.give(client);
          FederationRound last;
          while (!last.last) {
            const auto before = last.round;
            last = client.round();
            if (client.rounds().size() > 1) CHECK(last.round == before + 1);
            CHECK(last.staleness >= 0);
            if (test::world_size() > 1) CHECK(last.taken);
          }
          CHECK(client.rounds().size() == 200);
          std::vector<double> start(test::linear_width, 0.25);
          CHECK(distance(client.global(), best) < distance(start, best));
        });
    if (test::world_size() > 1) CHECK(seen.counters.taken == 200 * silos);
  }
}
