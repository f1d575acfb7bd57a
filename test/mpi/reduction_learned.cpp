// Encoders that are trained in the run: versions stream back, and every latent meets its decoder.
#include "support/reduction.hpp"

#include <doctest/doctest.h>

#include <string>

using test::Reduced;
using test::reduction_ml_ranks;
using test::reduction_run;
using test::run_reduction;
using test::seen;
using test::sum_over_ranks;
using namespace cardan;

TEST_CASE("an autoencoder is trained in the run, and streamed back to those who encode")
{
  if (reduction_ml_ranks() == 0) return;
  for (const std::string encoder : {"linear", "conv"}) {
    CAPTURE(encoder);
    std::int64_t puts = 0;
    run_reduction(
        reduction_run("encoder = \"" + encoder +
                      "\"\nlatent = 3\nfall_back = false\nreservoir = 256\nsamples = 32\n"
                      "[reduction.r.train]\nevery = 32\nwarmup = 64\nsteps = 10\nfirst = 30\n"
                      "batch = 16\n"),
        [&](Session& session) {
          Reduced reduced{session};
          bool enough = false;
          for (const auto step : session.steps(4000)) {
            CHECK(reduced.put(step));
            ++puts;
            // The newest has been used then.
            if (enough) break;
            int mine = reduced.counters().encoders >= 3 ? 1 : 0;
            MPI_Allreduce(MPI_IN_PLACE, &mine, 1, MPI_INT, MPI_MIN, session.comm());
            enough = mine != 0;
          }
          CHECK(enough);
          CHECK(reduced.counters().version >= 3);
          CHECK(reduced.counters().latent_bytes > 0);
          CHECK(reduced.counters().max_error_over_bound <= 1);
        });
    CHECK(sum_over_ranks(seen().puts) == sum_over_ranks(puts));
    if (!seen().versions.empty()) CHECK(seen().versions.size() >= 2);
  }
}
