// Steering of kind "model": a model of the registry decides from each report.
#include "support/run_file.hpp"

#include <cardan/cardan.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <string>

using test::quiet_run;
using test::RunFile;
using test::size_of;
using namespace cardan;

namespace {

std::string run(const std::string& keys, const Features& report,
                const std::function<void(Session&, Steering&)>& work)
{
  const int ranks = size_of(MPI_COMM_WORLD);
  const RunFile file{MPI_COMM_WORLD, "steering_model",
                     quiet_run(ranks > 3 ? 2 : 1, "[steering.s]\nkind = \"model\"\n" + keys)};
  try {
    Session session{MPI_COMM_WORLD, file.name()};
    if (session.serves()) {
      session.serve();
    } else {
      auto steering = session.steering("s", report, {{"y", Dtype::float64, {2}}});
      work(session, steering);
    }
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

const Features vector{{"x", Dtype::float64, {3}}};

}  // namespace

TEST_CASE("the same report has the same decision, whoever sends it")
{
  const std::string error =
      run("model = { kind = \"mlp\", hidden = [8] }\n", vector, [](Session& session, Steering& s) {
        const std::array<double, 3> x{0.5, -1, 2};
        std::array<double, 2> y{};
        for (const auto step : session.steps(5)) {
          const std::array<double, 2> before = y;
          s.report({{"x", Field{x.data(), {3}}}});
          REQUIRE(s.wait({{"y", Field{y.data(), {2}}}}, 20));
          CHECK(std::isfinite(y[0]));
          CHECK((step == 0 || y == before));
          CHECK(s.stamp().version == 1);
          CHECK(s.stamp().step == step);
          CHECK(s.stamp().work > 0);
          CHECK(s.stamp().work < s.stamp().latency);
          CHECK(s.stamp().reason == "model");
        }
        std::array<double, 2> first = y;
        MPI_Bcast(first.data(), 2, MPI_DOUBLE, 0, session.comm());
        CHECK(first == y);
      });
  CHECK(error.empty());
}

TEST_CASE("what is not a number decides nothing")
{
  const std::string error =
      run("model = { kind = \"mlp\", hidden = [8] }\n", vector, [](Session&, Steering& s) {
        std::array<double, 3> x{std::numeric_limits<double>::quiet_NaN(), 1, 2};
        std::array<double, 2> y{-3, -4};
        s.report({{"x", Field{x.data(), {3}}}});
        x[0] = 1;
        s.report({{"x", Field{x.data(), {3}}}});
        REQUIRE(s.wait({{"y", Field{y.data(), {2}}}}, 20));
        CHECK(std::isfinite(y[0]));
        CHECK(s.counters().arrived == 1);
      });
  CHECK(error.empty());
}

TEST_CASE("a model that cannot be made is refused on all ranks")
{
  const auto nothing = [](Session&, Steering&) { FAIL("it was opened"); };
  const auto says = [](const std::string& message, const std::string& part) {
    INFO(message);
    CHECK(message.find(part) != std::string::npos);
  };
  says(run("model = { kind = \"mlp\", hiden = [8] }\n", vector, nothing), "hiden");
  says(run("model = { kind = \"mlp\", hidden = [8] }\n", {}, nothing), "reports of 's' are empty");
  says(run("", vector, nothing), "needs one");
}
