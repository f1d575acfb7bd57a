// Once an ensemble is warm a segment makes nothing on simulation ranks: no window, no collective,
// no communicator, no datatype, no memory.
#include "support/ensemble.hpp"
#include "support/mpi_calls.hpp"

#include <doctest/doctest.h>

using namespace cardan;
using test::ensemble_run;
using test::Members;
using test::ToyOptions;
using test::Walk;
using test::with_members;

TEST_CASE("segments, frames and decisions make nothing once they are warm")
{
  if (test::world_size() < 2) return;
  for (const char* transport : {"shared", "rma", "two_sided"})
    for (const bool barrier : {true, false}) {
      CAPTURE(transport);
      CAPTURE(barrier);
      ToyOptions toy;
      toy.round = barrier ? 9 : 1;
      with_members(ensemble_run(9, barrier ? "barrier = true\n" : "barrier = false\n", transport),
                   toy, [&](Members& ensemble, Session&) {
                     Walk walk{ensemble};
                     const auto until = [](std::int64_t done) {
                       if (done == 50) {
                         test::calls = {};
                         test::counting = true;
                       }
                       if (done == 250) test::counting = false;
                       return true;
                     };
                     ensemble.run(walk.physics(), {300, until});
                     const test::Calls& seen = test::calls;
                     CHECK_FALSE(test::counting);
                     CHECK(seen.windows == 0);
                     CHECK(seen.collectives == 0);
                     CHECK(seen.communicators == 0);
                     CHECK(seen.datatypes == 0);
                     CHECK(seen.allocations == 0);
                     CHECK(seen.frees == 0);
                     if (!ensemble.members().empty()) CHECK(ensemble.counters().restarted > 0);
                   });
    }
}
