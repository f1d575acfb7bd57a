// Reductions that go wrong: a receiver that fails ends the run, one that is too slow is late.
#include "support/reduction.hpp"

#include <doctest/doctest.h>

#include <string>

using test::Reduced;
using test::reduction_ml_ranks;
using test::reduction_run;
using namespace cardan;

namespace {

/// The session of this rank, to do with what one likes.
void run_each(const std::string& text, const std::function<void(Session&)>& simulation,
              const std::function<void(Session&)>& ml)
{
  test::register_checker();
  test::seen() = {};
  const test::RunFile file{MPI_COMM_WORLD, "reduction_faults", text};
  Session session{MPI_COMM_WORLD, file.name()};
  if (session.serves())
    ml(session);
  else
    simulation(session);
}

std::string what_it_throws(const std::function<void()>& work)
{
  try {
    work();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("what a receiver throws ends the run, and says where")
{
  if (reduction_ml_ranks() == 0) return;
  run_each(
      reduction_run("depth = 8\n", "auto", "fail = 3"),
      [](Session& session) {
        Reduced reduced{session};
        for (const auto step : session.steps(5)) static_cast<void>(reduced.put(step));
      },
      [](Session& session) {
        const std::string said = what_it_throws([&] { static_cast<void>(session.serve()); });
        CAPTURE(said);
        // ML ranks come last; one that nobody sends to has nothing to do.
        const int simulation = test::world_size() - reduction_ml_ranks();
        if (test::world_rank() - simulation >= simulation) {
          CHECK(said.empty());
          return;
        }
        CHECK(said.find("the receiver of reduction 'r' failed at step 3 of simulation rank") !=
              std::string::npos);
        CHECK(said.find("it does not like this step") != std::string::npos);
      });
}

TEST_CASE("a receiver that nobody registered is an error of all ranks")
{
  if (reduction_ml_ranks() == 0) return;
  const std::string text =
      test::quiet_run(reduction_ml_ranks(), "[reduction.r]\nreceiver = \"nobody\"\n");
  const auto refused = [](const std::string& said) {
    CAPTURE(said);
    CHECK(said.find("receiver = \"nobody\" (nobody has registered it)") != std::string::npos);
  };
  run_each(
      text, [&](Session& session) { refused(what_it_throws([&] { Reduced{session}.put(0); })); },
      [&](Session& session) {
        refused(what_it_throws([&] { static_cast<void>(session.serve()); }));
      });
}

TEST_CASE("a put that waits too long is late")
{
  if (reduction_ml_ranks() == 0) return;
  std::string text = reduction_run("depth = 1\n", "auto", "sleep = 2700");
  const std::string thirty = "\"30 s\"";
  text.replace(text.find(thirty), thirty.size(), "\"2 s\"");
  run_each(
      text,
      [](Session& session) {
        Reduced reduced{session};
        CHECK(reduced.put(0));
        const std::string said = what_it_throws([&] {
          for (int step = 0; step < 2; ++step) reduced.put(0);
        });
        CAPTURE(said);
        CHECK(said.find("a put to reduction 'r' found no room") != std::string::npos);
        CHECK(reduced.counters().waiting > 1.5);
      },
      [](Session& session) { CHECK(session.serve() == 0); });
}
