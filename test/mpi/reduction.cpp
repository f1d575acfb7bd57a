// Reductions from the put to the receiver: every number within its bound, versions, strides, drops.
#include "support/reduction.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using test::Reduced;
using test::reduction_ml_ranks;
using test::reduction_run;
using test::run_reduction;
using test::seen;
using test::sum_over_ranks;
using namespace cardan;

namespace {

const std::vector<std::string> transports =
    test::environment("CARDAN_RANKS_PER_NODE", 0) > 0
        ? std::vector<std::string>{"auto"}
        : std::vector<std::string>{"shared", "rma", "two_sided"};

int simulation_ranks()
{
  return test::world_size() - reduction_ml_ranks();
}

/// Collective over all ranks.
void check_arrived(std::int64_t puts_of_a_rank)
{
  const std::int64_t expected = reduction_ml_ranks() > 0 ? puts_of_a_rank * simulation_ranks() : 0;
  CHECK(sum_over_ranks(seen().puts) == expected);
  for (const auto& [rank, steps] : seen().steps) {
    CHECK(static_cast<std::int64_t>(steps.size()) == puts_of_a_rank);
    CHECK(std::is_sorted(steps.begin(), steps.end()));
  }
  CHECK(sum_over_ranks(seen().ends) == std::min(reduction_ml_ranks(), simulation_ranks()));
}

}  // namespace

TEST_CASE("every number of every put arrives within its bound, by any transport")
{
  for (const auto& transport : transports) {
    CAPTURE(transport);
    run_reduction(reduction_run("", transport), [](Session& session) {
      Reduced reduced{session};
      for (const auto step : session.steps(12)) CHECK(reduced.put(step));
      const auto& counters = reduced.counters();
      CHECK(counters.puts == 12);
      CHECK(counters.sent == 12);
      CHECK(counters.dropped == 0);
      CHECK(counters.raw_bytes == 12 * reduced.raw_bytes());
      CHECK(counters.max_error_over_bound <= 1);
      CHECK(counters.max_error > 0);
      CHECK(counters.version == 0);
    });
    check_arrived(12);
  }
}

TEST_CASE("without loss, and with one bound for each field")
{
  run_reduction(reduction_run("eps = 0\n", "auto", ""), [](Session& session) {
    Reduced reduced{session};
    for (const auto step : session.steps(3)) reduced.put(step);
    CHECK(reduced.counters().max_error == 0);
  });
  CHECK(seen().worst == 0);
  check_arrived(3);
  run_reduction(reduction_run("eps = [1e-12, 0.25]\nrelative = false\n", "auto", ""),
                [](Session& session) {
                  Reduced reduced{session};
                  for (const auto step : session.steps(3)) reduced.put(step);
                  CHECK(reduced.reduction().setting().eps == std::vector{1e-12, 0.25});
                });
  check_arrived(3);
}

TEST_CASE("a stride leaves steps out")
{
  run_reduction(reduction_run("stride = 3\n"), [](Session& session) {
    Reduced reduced{session};
    for (const auto step : session.steps(10)) CHECK(reduced.put(step) == (step % 3 == 0));
    CHECK(reduced.counters().sent == 4);
    CHECK(reduced.counters().skipped == 6);
    CHECK(reduced.counters().raw_bytes == 4 * reduced.raw_bytes());
  });
  check_arrived(4);
  for (const auto& [rank, steps] : seen().steps)
    CHECK(steps == std::vector<std::int64_t>{0, 3, 6, 9});
}

TEST_CASE("singular vectors are fitted in the run, as often as one likes")
{
  for (const auto& transport : transports) {
    CAPTURE(transport);
    run_reduction(reduction_run("encoder = \"svd\"\nlatent = 3\nfall_back = false\n", transport),
                  [](Session& session) {
                    Reduced reduced{session};
                    for (const auto step : session.steps(12)) {
                      // Version 0 for two steps; then others, in every step, or two in one.
                      if (step >= 2) reduced.fit(step);
                      if (step == 5) reduced.fit(step + 1);
                      CHECK(reduced.put(step));
                    }
                    CHECK(reduced.counters().version == 11);
                    CHECK(reduced.counters().encoders == 11);
                    CHECK(reduced.counters().latent_bytes > 0);
                  });
    check_arrived(12);
    if (!seen().versions.empty()) {
      CHECK(seen().versions.size() == 11);
      CHECK(seen().versions.count(4) == 0);
      CHECK(seen().versions.rbegin()->first == 11);
    }
  }
}

TEST_CASE("blocks that stay still are not sent, and keep the bound all the same")
{
  run_reduction(reduction_run("still = 0.5\neps = 0.05\n", "auto", ""), [](Session& session) {
    Reduced reduced{session};
    for (const auto step : session.steps(20)) CHECK(reduced.put(step));
    const auto& counters = reduced.counters();
    CHECK(counters.blocks_sent < counters.blocks);
    CHECK(counters.blocks_sent > 0);
    CHECK(counters.max_error_over_bound <= 1);
  });
  check_arrived(20);
  CHECK(seen().worst <= 1);
}

TEST_CASE("what is no number arrives as none, and what is around it within the bound")
{
  run_reduction(reduction_run("", "auto", ""), [](Session& session) {
    Reduced reduced{session};
    for (const auto step : session.steps(4)) {
      reduced.hole = step == 2 ? 200 : -1;
      CHECK(reduced.put(step));
    }
  });
  check_arrived(4);
  CHECK(seen().holes == static_cast<std::int64_t>(seen().steps.size()));
}

TEST_CASE("puts that find no room are dropped and counted, and what is sent is right")
{
  std::int64_t sent = 0;
  run_reduction(reduction_run("full = \"drop\"\ndepth = 1\nstill = 0.5\n", "auto", "sleep = 5"),
                [&](Session& session) {
                  Reduced reduced{session};
                  for (const auto step : session.steps(60)) reduced.put(step);
                  const auto& counters = reduced.counters();
                  CHECK(counters.sent + counters.dropped == 60);
                  sent = counters.sent;
                  if (session.ml_ranks() > 0) CHECK(counters.dropped > 0);
                });
  const std::int64_t all = sum_over_ranks(sent);
  CHECK(sum_over_ranks(seen().puts) == (reduction_ml_ranks() > 0 ? all : 0));
}

TEST_CASE("puts wait for room, and nothing is lost")
{
  run_reduction(reduction_run("depth = 1\n", "auto", "sleep = 3"), [](Session& session) {
    Reduced reduced{session};
    for (const auto step : session.steps(20)) CHECK(reduced.put(step));
    CHECK(reduced.counters().dropped == 0);
    if (session.ml_ranks() > 0) CHECK(reduced.counters().waiting > 0);
  });
  check_arrived(20);
}

TEST_CASE("the controller tightens the bound where a quantity is not right enough")
{
  if (reduction_ml_ranks() == 0) return;
  for (const std::string quantity : {"sum", "of_my_own"}) {
    register_quantity("of_my_own",
                      [](std::span<const ReductionField> fields, const double* const* values) {
                        CHECK(fields.size() == 2);
                        return values[0][150] * values[1][3];
                      });
    run_reduction(
        reduction_run(
            "eps = 0.1\neps_least = 1e-3\nquantity_error = 1e-9\nquantity = \"" + quantity + "\"\n",
            "auto", ""),
        [](Session& session) {
          Reduced reduced{session};
          double first = 0;
          int tightened = 0;
          for (const auto step : session.steps(3000)) {
            reduced.put(step);
            const double eps = reduced.reduction().setting().eps[0];
            if (step == 0) first = eps;
            // All ranks go on until all have seen it: a step that lacks one says nothing.
            int mine = eps < 0.02 * first ? 1 : 0;
            MPI_Allreduce(MPI_IN_PLACE, &mine, 1, MPI_INT, MPI_MIN, session.comm());
            tightened += mine;
            if (tightened > 3) break;
          }
          CHECK(tightened > 3);
          CHECK(reduced.counters().max_error_over_bound <= 1);
        });
    CHECK(seen().worst <= 1);
  }
}

TEST_CASE("the stride follows what puts cost")
{
  if (reduction_ml_ranks() == 0) return;
  run_reduction(reduction_run("stride = \"auto\"\ncost = 1e-6\n", "auto", ""),
                [](Session& session) {
                  Reduced reduced{session};
                  bool grown = false;
                  for (const auto step : session.steps(3000)) {
                    reduced.put(step);
                    int mine = reduced.reduction().setting().stride >= 4 ? 1 : 0;
                    MPI_Allreduce(MPI_IN_PLACE, &mine, 1, MPI_INT, MPI_MIN, session.comm());
                    grown = mine != 0;
                    if (grown) break;
                  }
                  CHECK(grown);
                  CHECK(reduced.counters().skipped > 0);
                });
}

TEST_CASE("fewer receivers than ML ranks, and two reductions at once")
{
  run_reduction(reduction_run("receivers = 1\n[reduction.other]\nblock = 8\neps = 1e-6\n"
                              "encoder = \"svd\"\nreceiver = \"checker\"\n"),
                [](Session& session) {
                  Reduced one{session};
                  Reduced other{session, "other"};
                  for (const auto step : session.steps(6)) {
                    if (step == 3) other.fit(step);
                    CHECK(one.put(step));
                    CHECK(other.put(step));
                  }
                });
  CHECK(sum_over_ranks(seen().puts) == (reduction_ml_ranks() > 0 ? 2 * 6 * simulation_ranks() : 0));
}

TEST_CASE("what cannot be opened is the same error on all ranks, and opens when it is mended")
{
  run_reduction(reduction_run("encoder = \"svd\"\n", "auto", ""), [](Session& session) {
    const auto refusal = [&](const std::vector<ReductionField>& fields) {
      try {
        static_cast<void>(session.reduction("r", fields));
      } catch (const Error& error) {
        CHECK(error.reach() == Reach::everywhere);
        return std::string{error.what()};
      }
      return std::string{};
    };
    const int me = test::rank_in(session.comm());
    const int last = test::size_of(session.comm()) - 1;
    const auto says = [](const std::string& said, const std::string& what) {
      CAPTURE(said);
      CHECK(said.find(what) != std::string::npos);
    };
    says(refusal({}), "without fields");
    says(refusal({{"a", Dtype::int32, {8}, false, {}}}), "only float32 and float64");
    says(refusal({{"a", Dtype::float64, {2, 2, 2, 2}, false, {}}}), "one to three");
    says(refusal({{"a", Dtype::float64, {8}, true, {}}}), "one to three");
    says(refusal({{"a", Dtype::float64, {me == last ? 0 : 8}, false, {}}}), "must be positive");
    says(refusal({{"a", Dtype::float64, {8}, false, {}}, {"a", Dtype::float64, {8}, false, {}}}),
         "twice");
    says(refusal({{"a", Dtype::float64, {8}, false, {1, 2}}}), "offset");
    if (last > 0) {
      says(refusal({{me == last ? "b" : "a", Dtype::float64, {8}, false, {}}}), "other fields");
      says(refusal({{"a", Dtype::float64, {me == last ? 3 : 8}, false, {}}}),
           "smaller than a block");
    }
    Reduced reduced{session};
    for (const auto step : session.steps(2)) CHECK(reduced.put(step));
    CHECK_THROWS_AS(reduced.reduction().put({}), Error);
  });
  check_arrived(2);
}
