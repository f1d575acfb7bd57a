// Silos that diverge, fail, are late or leave, and an aggregator that does: nobody hangs.
#include "support/federation.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cmath>
#include <thread>

using namespace cardan;
using test::Client;
using test::federation_run;
using test::LinearData;
using test::LinearLearner;
using test::with_silos;

namespace {

constexpr double rate = 0.05;
bool coupled()
{
  return test::world_size() > 1;
}

int silos()
{
  return coupled() ? test::world_size() - 1 : 1;
}

bool finite(const std::vector<double>& numbers)
{
  return std::all_of(numbers.begin(), numbers.end(), [](double x) { return std::isfinite(x); });
}

}  // namespace

TEST_CASE("an update that is no number is refused, and its silo gets the global model")
{
  for (const char* keys : {"", "mode = \"async\"\n", "compress = { kind = \"top_k\" }\n",
                           "clip = 1.0\nnoise = 0.1\n", "local = { optimiser = \"keep\" }\n"}) {
    CAPTURE(keys);
    const auto seen = with_silos(federation_run(std::string("rounds = 6\n") + keys), rate,
                                 [&](Client& client, LinearLearner& learner, Session&) {
                                   LinearData{client.silo(), 30}.give(client);
                                   const bool sick = client.silo() == silos() - 1;
                                   FederationRound last;
                                   while (!last.last) {
                                     learner.diverges = sick && client.rounds().size() == 2;
                                     last = client.round();
                                     CHECK(finite(client.global()));
                                     if (!coupled()) continue;
                                     CHECK(last.answered);
                                     CHECK(last.taken == !learner.diverges);
                                     CHECK(std::isfinite(last.update_norm) == !learner.diverges);
                                     CHECK(std::isfinite(last.global_loss));
                                   }
                                   if (coupled() && keys[0] == '\0') CHECK(last.refused == 1);
                                 });
    if (coupled()) CHECK(seen.counters.refused == 1);
  }
}

TEST_CASE("a silo that throws ends for itself")
{
  const auto begin = std::chrono::steady_clock::now();
  const auto seen = with_silos(
      federation_run("rounds = 8\ndeadline = \"20 s\"\n"), rate,
      [&](Client& client, LinearLearner& learner, Session&) {
        LinearData{client.silo(), 30}.give(client);
        const bool sick = client.silo() == 0;
        for (int r = 0; r < 8; ++r) {
          learner.fails = sick && r == 3;
          if (learner.fails) {
            CHECK_THROWS_WITH_AS(client.round(), doctest::Contains("fails as told"), Error);
            learner.fails = false;
            CHECK_THROWS_WITH_AS(client.round(), doctest::Contains("has ended"), Error);
            return;
          }
          const auto round = client.round();
          if (coupled()) CHECK(round.participants == (r < 3 ? silos() : silos() - 1));
        }
      });
  if (coupled()) CHECK(seen.counters.taken == 3 * silos() + (silos() > 1 ? 5 * (silos() - 1) : 0));
  // Its leaving was said, not waited for.
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(15));
}

TEST_CASE("a silo that is late is left out and counted, and goes on from the newest model")
{
  if (silos() < 2) return;
  const auto seen = with_silos(federation_run("rounds = 12\ndeadline = \"0.25 s\"\n"), rate,
                               [&](Client& client, LinearLearner&, Session&) {
                                 LinearData{client.silo(), 30}.give(client);
                                 const bool slow = client.silo() == silos() - 1;
                                 std::int64_t late = 0;
                                 FederationRound last;
                                 while (!last.last) {
                                   const bool sleeps = slow && client.rounds().size() == 2;
                                   if (sleeps)
                                     std::this_thread::sleep_for(std::chrono::milliseconds(900));
                                   last = client.round();
                                   CHECK(last.answered);
                                   late += last.late;
                                   if (sleeps) {
                                     CHECK(!last.taken);
                                     CHECK(last.version > 3);
                                   }
                                 }
                                 if (!slow) CHECK(late >= 1);
                                 if (slow) CHECK(client.rounds().size() < 12);
                                 CHECK(last.version == 12);
                               });
  CHECK(seen.counters.late >= 1);
  CHECK(seen.counters.refused == 0);
  CHECK(seen.counters.versions == 12);
}

TEST_CASE("silos without samples, and silos that leave, do not stop the others")
{
  for (const char* weights : {"samples", "equal"})
    with_silos(federation_run("rounds = 10\nweights = \"" + std::string(weights) + "\"\n"), rate,
               [&](Client& client, LinearLearner& learner, Session&) {
                 const bool empty = client.silo() == 0;
                 const bool leaves = client.silo() == 1;
                 if (!empty) LinearData{client.silo(), 30}.give(client);
                 for (int r = 0; r < (leaves ? 4 : 10); ++r) {
                   const auto round = client.round();
                   CHECK(round.samples == (empty ? 0 : 30));
                   CHECK(std::isnan(round.global_loss) == empty);
                   if (coupled() && r < 4) CHECK(round.participants == silos() - 1);
                   if (coupled() && r > 5) CHECK(round.participants == std::max(0, silos() - 2));
                 }
                 CHECK(learner.steps == (empty ? 0 : leaves ? 4 : 10));
               });
}

TEST_CASE("what is held out is not trained on, and what is not as declared is refused")
{
  with_silos(federation_run("rounds = 3\n"), rate, [&](Client& client, LinearLearner&, Session&) {
    const LinearData data{client.silo(), 30};
    data.give(client);
    const LinearData other{client.silo() + 50, 10};
    const Field x{other.x.data(), {10, 3}};
    const Field y{other.y.data(), {10}};
    client.hold_out({{"x", x}}, {{"y", y}});
    const auto round = client.round();
    CHECK(round.samples == 30);
    std::vector<double> answers(10);
    client.predict({{"x", x}}, {{"y", Field{answers.data(), {10}}}});
    double sum = 0;
    for (std::size_t i = 0; i < 10; ++i)
      sum += (answers[i] - other.y[i]) * (answers[i] - other.y[i]) / 20;
    CHECK(round.validation_loss == doctest::Approx(sum).epsilon(1e-12));
    CHECK(round.validation_loss != doctest::Approx(round.global_loss));

    const auto refused = [&](auto&& work, const char* part) {
      CHECK_THROWS_WITH_AS(work(), doctest::Contains(part), Error);
    };
    std::vector<float> narrow(30);
    refused([&] { client.observe({{"z", x}}, {{"y", y}}); }, "'x'");
    refused([&] { client.observe({{"x", Field{narrow.data(), {10, 3}}}}, {{"y", y}}); }, "float32");
    refused([&] { client.observe({{"x", x}}, {{"y", Field{other.y.data(), {9}}}}); }, "9");
    refused([&] { client.observe({{"x", x}}, {}); }, "0 fields");
    // Columns of another array, one after the other.
    std::vector<double> wide(60);
    for (std::size_t i = 0; i < 30; ++i) wide[i * 2] = other.x[i];
    client.predict({{"x", Field{wide.data(), {10, 3}, {6, 2}}}},
                   {{"y", Field{wide.data(), {10}, {6}}}});
    for (std::size_t i = 0; i < 10; ++i) CHECK(wide[i * 6] == answers[i]);
    static_cast<void>(client.round());
    static_cast<void>(client.round());
  });
}

TEST_CASE("where the aggregator leaves, silos go on alone")
{
  if (!coupled()) return;
  const test::RunFile file{MPI_COMM_WORLD, "federation_gone",
                           federation_run("rounds = 9\ndeadline = \"1 s\"\n")};
  Session session{MPI_COMM_WORLD, file.name()};
  const auto& context = session.implementation().context;
  const auto settings = federation::read_settings(context.run_file, "f");
  if (session.serves()) {
    {
      federation::Aggregator duty{context, settings};
      while (duty.counters().versions < 4 && !duty.finished()) std::this_thread::yield();
      duty.close();
      MPI_Barrier(MPI_COMM_WORLD);
    }
    CHECK(session.serve() == 0);
    return;
  }
  {
    Client client{context, settings, test::linear_signature(),
                  [] { return std::make_unique<LinearLearner>(rate); }};
    LinearData{client.silo(), 30}.give(client);
    FederationRound last;
    double loss = std::numeric_limits<double>::infinity();
    while (!last.last) {
      last = client.round();
      if (!last.answered) CHECK(last.global_loss < loss);
      loss = last.global_loss;
    }
    CHECK(client.rounds().size() == 9);
    CHECK(!last.answered);
    CHECK(last.version <= 4);
    client.close();
    MPI_Barrier(MPI_COMM_WORLD);
  }
}

TEST_CASE("ranks that are no whole number of silos are an error of all")
{
  const test::RunFile file{MPI_COMM_WORLD, "federation_odd",
                           federation_run("ranks_per_silo = 11\n")};
  Session session{MPI_COMM_WORLD, file.name()};
  const auto& context = session.implementation().context;
  const auto settings = federation::read_settings(context.run_file, "f");
  const auto open = [&] {
    const auto make = [] { return std::make_unique<LinearLearner>(rate); };
    if (session.serves())
      federation::Aggregator(context, settings).close();
    else
      Client(context, settings, test::linear_signature(), make).close();
  };
  CHECK_THROWS_WITH_AS(open(), doctest::Contains("no whole number of silos"), Error);
  if (session.serves()) CHECK(session.serve() == 0);
}
