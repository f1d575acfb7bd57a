// Services of kind "model": a model of the registry, the same on all instances, swapped while it is
// asked.
#include "support/service.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <functional>

using test::numbers;
using test::RunFile;
using test::service_run;
using test::size_of;
using namespace cardan;

namespace {

const char* const model = "model = { kind = \"mlp\", hidden = [8], members = 2 }\n";

std::string run(const std::string& keys, const std::function<void(Service&)>& work)
{
  const RunFile file{MPI_COMM_WORLD, "service_model",
                     service_run(size_of(MPI_COMM_WORLD) - 1, "model", keys)};
  try {
    Session session{MPI_COMM_WORLD, file.name()};
    if (session.serves()) {
      session.serve();
    } else {
      auto service = session.service("s", {numbers("x", 4, 3)}, {numbers("y", 4, 2)});
      REQUIRE(service.wait_ready(30));
      work(service);
    }
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("all instances answer alike, until a swap gives all of them other weights")
{
  const std::string error =
      run(std::string(model) + "instances = 2\nbalance = \"round_robin\"\n", [](Service& service) {
        std::array<double, 12> x{};
        for (std::size_t i = 0; i < x.size(); ++i) x[i] = 0.1 * static_cast<double>(i);
        const auto ask = [&](std::uint32_t wanted) {
          std::array<double, 8> y{};
          auto future =
              service.request({{"x", Field{x.data(), {4, 3}}}}, {{"y", Field{y.data(), {4, 2}}}},
                              {.priority = 0, .deadline = {20}});
          CHECK(future.wait() == RequestStatus::answered);
          CHECK(future.version() == wanted);
          for (const double value : y) CHECK(std::isfinite(value));
          return y;
        };
        const auto first = ask(1);
        for (int i = 0; i < 4; ++i) CHECK(ask(1) == first);
        CHECK(service.swap() == 2);
        while (service.instance(0).version < 2 || service.instance(1).version < 2)
          service.wait_ready(1);
        const auto swapped = ask(2);
        for (int i = 0; i < 4; ++i) CHECK(ask(2) == swapped);
        // A file that is not there leaves the weights that there were.
        service.swap("no such file.pt");
        for (int i = 0; i < 4; ++i) CHECK(ask(2) == swapped);
      });
  CHECK(error.empty());
}

TEST_CASE("what is wrong with a model is an error on all ranks")
{
  const auto nothing = [](Service&) {};
  const auto says = [](const std::string& message, const char* part) {
    INFO(message);
    CHECK(message.find(part) != std::string::npos);
  };
  says(run("model = { kind = \"mlq\" }\n", nothing), "mlp");
  says(run("model = { kind = \"mlp\", hiden = [8] }\n", nothing), "hiden");
}
