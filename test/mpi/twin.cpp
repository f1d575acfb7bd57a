// Twins: what an asset publishes reaches the twin, and what it answers comes back, by its deadline.
#include "support/twin.hpp"

using namespace test;

TEST_CASE("every cycle has all observations, and its own answer")
{
  const std::int64_t cycles = 200;
  for (const char* transport : {"auto", "two_sided"}) {
    CAPTURE(transport);
    const auto seen = with_twin(twin_run(twin_ml_ranks(), "", transport), [&](Session& session) {
      Asset asset{session};
      for (std::int64_t k = 0; k < cycles; ++k) {
        const auto outcome = asset.cycle(k);
        if (session.ml_ranks() == 0) {
          CHECK(outcome == TwinOutcome::none);
          CHECK(asset.of == -1);
          continue;
        }
        CHECK(outcome == TwinOutcome::on_time);
        CHECK(asset.holds(k));
        const auto& stamp = asset.twin().stamp();
        CHECK(stamp.cycle == k);
        CHECK(stamp.observed == k);
        CHECK(stamp.age_cycles == 0);
        CHECK(stamp.latency >= stamp.work);
        CHECK(stamp.slack > 0);
      }
      const auto& counters = asset.twin().counters();
      CHECK(counters.cycles == cycles);
      CHECK(counters.on_time == (session.ml_ranks() > 0 ? cycles : 0));
      CHECK(counters.missed + counters.late + counters.full == 0);
    });
    if (seen.ended) {
      CHECK(seen.cycles.size() == cycles);
      for (const double left : seen.left) CHECK(std::isinf(left));
    }
  }
}

TEST_CASE("another twin may be opened while the first one works")
{
  static TwinSeen other;
  other = {};
  cardan::register_twin("other",
                        [](const Config& options, const Signature&, const TwinPlace& place) {
                          return std::make_unique<Prober>(options, place, other);
                        });
  const std::string text = twin_run(twin_ml_ranks(), "options = { sleep = 0.02 }\n") +
                           "[twin.v]\nkind = \"other\"\nranks = 1\n";
  const auto seen = with_twin(text, [&](Session& session) {
    Asset first{session};
    first.twin().begin(0);
    first.publish(0);
    Asset second{session, "v"};
    const bool coupled = session.ml_ranks() > 0;
    for (std::int64_t k = 0; k < 20; ++k) {
      const auto outcome = second.cycle(k);
      CHECK(outcome == (coupled ? TwinOutcome::on_time : TwinOutcome::none));
      CHECK(second.holds(k) == coupled);
      if (k == 0) CHECK(first.answer() == outcome);
      if (k % 10 != 9) continue;
      CHECK(first.cycle(k) == outcome);
      CHECK(first.holds(k) == coupled);
    }
  });
  if (seen.ended) CHECK(seen.cycles == std::vector<std::int64_t>{0, 9, 19});
  if (other.ended) CHECK(other.cycles.size() == 20);
}

TEST_CASE("what does not fit is an error of all ranks")
{
  if (twin_ml_ranks() == 0) return;
  for (const std::string keys :
       {"ranks = 50", "options = { slepp = 1 }", "model = { kind = \"linear\" }"}) {
    CAPTURE(keys);
    const RunFile file{MPI_COMM_WORLD, "twin", twin_run(twin_ml_ranks(), keys + "\n")};
    Session session{MPI_COMM_WORLD, file.name()};
    std::string said;
    try {
      if (session.serves())
        session.serve();
      else
        Asset{session};
    } catch (const cardan::Error& error) {
      CHECK(error.reach() == cardan::Reach::everywhere);
      said = error.what();
    }
    CHECK(said.find("twin_test") == 0);
    CHECK(said.find(keys.substr(0, keys.find(' '))) != std::string::npos);
  }
}
