// Once a service is warm a request makes nothing: no window, no collective, no communicator, no
// datatype, no memory, on either side; and simulation ranks only originate.
#include "support/mpi_calls.hpp"
#include "support/service.hpp"

#include <doctest/doctest.h>

using test::numbers;
using test::RunFile;
using test::service_run;
using test::size_of;
using namespace cardan;

namespace {

/// Counts the calls of its own rank while it is told to: a first number above 0 begins, one below
/// ends.
class Counted : public ServiceHandler {
 public:
  void answer(const Batch& inputs, const Answers& outputs) override
  {
    const double told = reinterpret_cast<const double*>(inputs.columns[0])[0];
    if (told > 0 && !test::counting) {
      test::calls = {};
      test::counting = true;
    }
    if (told < 0) test::counting = false;
    auto* y = reinterpret_cast<double*>(outputs.columns[0]);
    const test::Calls& seen = test::calls;
    for (std::int64_t i = 0; i < 2 * inputs.count; ++i)
      y[i] = static_cast<double>(seen.windows + seen.collectives + seen.communicators +
                                 seen.datatypes + seen.requests + seen.allocations + seen.frees);
  }
};

void nothing_made(const test::Calls& seen)
{
  CHECK(seen.windows == 0);
  CHECK(seen.collectives == 0);
  CHECK(seen.communicators == 0);
  CHECK(seen.datatypes == 0);
  CHECK(seen.requests == 0);
  CHECK(seen.allocations == 0);
  CHECK(seen.frees == 0);
}

}  // namespace

TEST_CASE("requests, batches, heartbeats and swaps make nothing once they are warm")
{
  register_service("counted", [](const Config&, const Signature&, const ServicePlace&) {
    return std::make_unique<Counted>();
  });
  for (const char* transport : {"shared", "rma", "two_sided"}) {
    CAPTURE(transport);
    const RunFile file{
        MPI_COMM_WORLD, "service_steady",
        service_run(size_of(MPI_COMM_WORLD) - 1, "counted",
                    "depth = 4\nmax_batch = 4\nmax_wait = \"100 us\"\nstall = \"20 s\"\n",
                    transport)};
    Session session{MPI_COMM_WORLD, file.name()};
    if (session.serves()) {
      CHECK(session.serve() == 0);
      continue;
    }
    auto service = session.service("s", {numbers("x", 1, 2)}, {numbers("y", 1, 2)});
    REQUIRE(service.wait_ready(20));
    std::array<std::array<double, 2>, 4> x{};
    std::array<std::array<double, 2>, 4> y{};
    const auto round = [&](double told) {
      std::array<Future, 4> futures;
      for (std::size_t i = 0; i < 4; ++i) {
        x[i][0] = told;
        futures[i] =
            service.request({{"x", Field{x[i].data(), {1, 2}}}},
                            {{"y", Field{y[i].data(), {1, 2}}}}, {.priority = 0, .deadline = {20}});
      }
      RequestStatus worst = RequestStatus::answered;
      for (auto& future : futures)
        if (future.wait() != RequestStatus::answered) worst = future.status();
      return worst;
    };
    for (int i = 0; i < 50; ++i) REQUIRE(round(0) == RequestStatus::answered);
    REQUIRE(round(1) == RequestStatus::answered);
    {
      const test::Counting counting;
      for (int i = 0; i < 200; ++i) REQUIRE(round(1) == RequestStatus::answered);
    }
    nothing_made(test::calls);
    if (std::string(transport) == "shared") {
      CHECK(test::calls.puts == 0);
      CHECK(test::calls.sends == 0);
    }
    // What the instance counted until then.
    REQUIRE(round(1) == RequestStatus::answered);
    CHECK(y[0][0] == 0);
    REQUIRE(round(-1) == RequestStatus::answered);
  }
}
