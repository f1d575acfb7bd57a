// Services from the request to the answer: every transport, several services and instances,
// batches, balancing, and what is refused.
#include "support/service.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>

using test::numbers;
using test::Question;
using test::rank_in;
using test::RunFile;
using test::service_run;
using test::size_of;
using namespace cardan;

namespace {

/// Where nodes are made smaller, what `auto` makes of them.
const std::vector<std::string> transports =
    test::environment("CARDAN_RANKS_PER_NODE", 0) > 0
        ? std::vector<std::string>{"auto"}
        : std::vector<std::string>{"shared", "rma", "two_sided"};

/// How many ML ranks the tests take of the job's ranks.
int ml_ranks()
{
  const int ranks = size_of(MPI_COMM_WORLD);
  return ranks < 4 ? ranks - 1 : ranks / 2;
}

/// A session whose simulation ranks do `work`.
void run(const std::string& text, const std::function<void(Session&)>& work)
{
  test::register_doubling();
  const RunFile file{MPI_COMM_WORLD, "service", text};
  Session session{MPI_COMM_WORLD, file.name()};
  if (session.serves()) {
    CHECK(session.serve() == 0);
    return;
  }
  work(session);
}

/// What all ranks of the session are told.
std::string error_of(const std::string& text, const std::function<void(Session&)>& work)
{
  test::register_doubling();
  const RunFile file{MPI_COMM_WORLD, "service", text};
  try {
    Session session{MPI_COMM_WORLD, file.name()};
    if (session.serves())
      session.serve();
    else
      work(session);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

bool says(const std::string& message, const std::string& part)
{
  INFO(message);
  const bool found = message.find(part) != std::string::npos;
  CHECK(found);
  return found;
}

}  // namespace

TEST_CASE("every request is answered, with what belongs to it, over every transport")
{
  for (const auto& transport : transports) {
    CAPTURE(transport);
    run(service_run(ml_ranks(), "doubling", "instances = 3\nmax_batch = 8\ndepth = 3\n", transport),
        [](Session& session) {
          auto service = session.service("s", {numbers("x", 5, 3)}, {numbers("y", 5, 3)});
          CHECK(service.instances() == 3);
          REQUIRE(service.wait_ready(20));
          CHECK(service.instance(0).state != InstanceState::starting);
          CHECK(service.instance(2).version == 1);
          std::vector<std::unique_ptr<Question>> questions;
          for (int i = 0; i < 40; ++i) {
            questions.push_back(std::make_unique<Question>(1 + i % 5, 3));
            questions.back()->ask(service, 100.0 * i, {.priority = i % 3, .deadline = {20}});
          }
          for (auto& question : questions) {
            CHECK(question->future().wait() == RequestStatus::answered);
            CHECK(question->right());
            CHECK(question->future().version() == 1);
            CHECK(question->future().instance() >= 0);
            CHECK(question->future().times().total > 0);
          }
          CHECK(service.counters().requested == 40);
          CHECK(service.counters().answered == 40);
        });
  }
}

TEST_CASE("fields of any strides go out and come back")
{
  run(service_run(ml_ranks(), "doubling", ""), [](Session& session) {
    auto service = session.service("s", {numbers("x", 4, 2)}, {numbers("y", 4, 2)});
    std::vector<double> x(24);
    std::vector<double> y(24, Question::untouched);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<double>(i);
    // Column-major, every other row of an array of 8 by 3.
    const Field in{x.data(), {4, 2}, {2, 8}};
    const Field out{y.data(), {4, 2}, {2, 8}};
    auto future = service.request({{"x", in}}, {{"y", out}}, {.deadline = {20}});
    REQUIRE(future.wait() == RequestStatus::answered);
    for (std::size_t i = 0; i < y.size(); ++i) {
      const bool mine = i < 16 && i % 2 == 0;
      CHECK(y[i] == (mine ? 2 * x[i] + 1 : Question::untouched));
    }
  });
}

TEST_CASE("several services, with instances of their own, live in one job")
{
  const std::string more =
      "[service.r]\nkind = \"reduce\"\ninstances = 2\nbalance = \"round_robin\"\n"
      "[service.n]\nkind = \"noop\"\nbalance = \"local_first\"\n";
  run(service_run(ml_ranks(), "doubling", "instances = 2\nbalance = \"two_choices\"\n") + more,
      [](Session& session) {
        auto noop = session.service("n", {{"x", Dtype::int32, {3}, {}, {}}},
                                    {{"y", Dtype::float32, {3, 2}, {}, {}}});
        auto reduce = session.service("r", {{"x", Dtype::int16, {2, 4}, {}, {}}},
                                      {{"y", Dtype::float64, {2, 4}, {}, {}}});
        auto doubling = session.service("s", {numbers("x", 5, 3)}, {numbers("y", 5, 3)});
        for (int i = 0; i < 10; ++i) {
          std::vector<std::int32_t> x(3, 5);
          std::vector<float> y(6, 1);
          auto nothing =
              noop.request({{"x", Field{x}}}, {{"y", Field{y.data(), {3, 2}}}}, {.deadline = {20}});
          std::vector<std::int16_t> values{1, 2, 3, 6, -4, 4, -4, 4};
          std::vector<double> said(8, 0);
          auto reduced = reduce.request({{"x", Field{values.data(), {2, 4}}}},
                                        {{"y", Field{said.data(), {2, 4}}}}, {.deadline = {20}});
          Question question{5, 3};
          question.ask(doubling, i, {.deadline = {20}});
          CHECK(question.future().wait() == RequestStatus::answered);
          CHECK(question.right());
          CHECK(reduced.wait() == RequestStatus::answered);
          CHECK(said[0] == 1);
          CHECK(said[1] == 6);
          CHECK(said[2] == 3);
          CHECK(said[3] == doctest::Approx(std::sqrt(12.5)));
          CHECK(said[4] == -4);
          CHECK(said[7] == 4);
          CHECK(nothing.wait() == RequestStatus::answered);
        }
      });
}

TEST_CASE("requests of several samples join in batches, and wait for others no longer than told")
{
  run(service_run(ml_ranks(), "doubling", "max_batch = 6\nmax_wait = \"5 ms\"\ndepth = 6\n"),
      [](Session& session) {
        auto service = session.service("s", {numbers("x", 2, 1)}, {numbers("y", 2, 1)});
        REQUIRE(service.wait_ready(20));
        for (int round = 0; round < 5; ++round) {
          std::vector<std::unique_ptr<Question>> questions;
          for (int i = 0; i < 6; ++i) {
            questions.push_back(std::make_unique<Question>(2, 1));
            questions.back()->ask(service, 10.0 * i, {.deadline = {20}});
          }
          for (auto& question : questions) {
            CHECK(question->future().wait() == RequestStatus::answered);
            CHECK(question->right());
          }
        }
      });
}

TEST_CASE("without ML ranks every request fails at once")
{
  run(service_run(0, "doubling", ""), [](Session& session) {
    auto service = session.service("s", {numbers("x", 5, 3)}, {numbers("y", 5, 3)});
    CHECK(service.instances() == 0);
    Question question{5, 3};
    question.ask(service, 1);
    CHECK(question.future().status() == RequestStatus::failed);
    CHECK(question.intact());
    CHECK(service.counters().failed == 1);
  });
}

TEST_CASE("what a run file or an opening has wrong is an error on all ranks")
{
  const auto open = [](Session& session) {
    static_cast<void>(session.service("s", {numbers("x", 5, 3)}, {numbers("y", 5, 3)}));
  };
  const int ml = ml_ranks();
  const auto fails = [&](const std::string& text, const std::string& part,
                         const std::function<void(Session&)>& work) {
    says(error_of(text, work), part);
  };
  fails(service_run(ml, "doubling", "instances = " + std::to_string(16 * ml + 1) + "\n"), "at most",
        open);
  fails(service_run(ml, "doubling", "instances = 0\n"), "instances = 0 (must be positive)", open);
  fails(service_run(ml, "doubling", "balance = \"best\"\n"), "balance", open);
  fails(service_run(ml, "doublin", ""), "Did you mean 'doubling'?", open);
  fails(service_run(ml, "reduce", ""), "Declare it float64 [4]", [](Session& session) {
    static_cast<void>(session.service("s", {numbers("x", 5, 3)}, {numbers("y", 5, 3)}));
  });
  fails(service_run(ml, "doubling", "options = { delai = 1 }\n"), "delai", open);
  fails(service_run(ml, "model", ""), "needs one", open);
  // What only simulation ranks are told: the session goes on for the ML ranks.
  const bool serves = rank_in(MPI_COMM_WORLD) >= size_of(MPI_COMM_WORLD) - ml;
  const auto refused = [&](const std::string& part, const std::function<void(Session&)>& work) {
    const std::string message = error_of(service_run(ml, "doubling", ""), work);
    if (!serves) says(message, part);
  };
  refused("has no [service.t]", [](Session& session) {
    static_cast<void>(session.service("t", {numbers("x", 5, 3)}, {numbers("y", 5, 3)}));
  });
  refused("without outputs", [](Session& session) {
    static_cast<void>(session.service("s", {numbers("x", 5, 3)}, {}));
  });
  refused("at least one sample", [](Session& session) {
    static_cast<void>(session.service("s", {numbers("x", 0, 3)}, {numbers("y", 0, 3)}));
  });
  if (size_of(MPI_COMM_WORLD) - ml < 2) return;
  refused("dtype", [](Session& session) {
    auto x = numbers("x", 5, 3);
    if (rank_in(session.comm()) == 1) x.dtype = Dtype::float32;
    static_cast<void>(session.service("s", {x}, {numbers("y", 5, 3)}));
  });
}

TEST_CASE("a request that is not as declared is refused, and the next one is answered")
{
  run(service_run(ml_ranks(), "doubling", ""), [](Session& session) {
    auto service = session.service("s", {numbers("x", 5, 3)}, {numbers("y", 5, 3)});
    std::vector<double> x(30);
    std::vector<double> y(30);
    std::vector<float> z(30);
    const auto refuses = [&](const Field& in, const Field& out, const std::string& part) {
      std::string message;
      try {
        static_cast<void>(service.request({{"x", in}}, {{"y", out}}));
      } catch (const Error& error) {
        message = error.what();
      }
      says(message, part);
    };
    const Field five{y.data(), {5, 3}};
    refuses(Field{z.data(), {5, 3}}, five, "float32");
    refuses(Field{x.data(), {5, 2}}, five, "(5, 2)");
    refuses(Field{x.data(), {6, 3}}, five, "5 samples were declared at most");
    refuses(Field{x.data(), {0, 3}}, five, "at least one sample");
    refuses(Field{x.data(), {4, 3}}, five, "must be equal");
    refuses(Field{x.data(), {5, 3}}, Field{static_cast<const double*>(y.data()), {5, 3}}, "const");
    CHECK(service.counters().requested == 0);
    Question question{5, 3};
    question.ask(service, 1, {.deadline = {20}});
    CHECK(question.future().wait() == RequestStatus::answered);
    CHECK(question.right());
  });
}
