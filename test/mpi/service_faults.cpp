// Services where something goes wrong or changes: instances that stall, throw, drain and swap;
// requests that are cancelled or too late. What ends, ends once.
#include "support/service.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>

using test::numbers;
using test::Question;
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
const cardan::RequestOptions patient{.priority = 0, .deadline = {20}};

int ml_ranks()
{
  return size_of(MPI_COMM_WORLD) - 1;
}

/// One simulation rank, which does `work` with service "s"; the others serve.
void run(const std::string& text, const std::function<void(Service&)>& work)
{
  test::register_doubling();
  const RunFile file{MPI_COMM_WORLD, "service_faults", text};
  Session session{MPI_COMM_WORLD, file.name()};
  if (session.serves()) {
    CHECK(session.serve() == 0);
    return;
  }
  auto service = session.service("s", {numbers("x", 2, 2)}, {numbers("y", 2, 2)});
  REQUIRE(service.wait_ready(20));
  work(service);
}

double seconds_since(std::chrono::steady_clock::time_point begin)
{
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// Makes progress until `done`, 20 s at most.
bool eventually(Service& service, const std::function<bool()>& done)
{
  const auto begin = std::chrono::steady_clock::now();
  while (!done()) {
    if (seconds_since(begin) > 20) return false;
    service.poll();
    std::this_thread::yield();
  }
  return true;
}

void answered(Question& question)
{
  CHECK(question.future().wait() == RequestStatus::answered);
  CHECK(question.right());
}

}  // namespace

TEST_CASE("what a stalled instance holds is answered elsewhere, and it is used again when it beats")
{
  if (ml_ranks() < 2) return;
  for (const auto& transport : transports) {
    CAPTURE(transport);
    run(service_run(ml_ranks(), "doubling",
                    "instances = 2\nstall = \"200 ms\"\nbalance = \"round_robin\"\n"
                    "options = { delay = \"2 s\", only = 0 }\n",
                    transport),
        [](Service& service) {
          // Instance 0 sleeps on a request that begins with 1e6; those behind it wait there too.
          std::vector<std::unique_ptr<Question>> questions;
          for (int i = 0; i < 6; ++i) {
            questions.push_back(std::make_unique<Question>(2, 2));
            questions.back()->ask(service, i < 2 ? 1e6 : i, patient);
          }
          for (auto& question : questions) {
            answered(*question);
            CHECK(question->future().instance() == 1);
          }
          CHECK(service.counters().stalls == 1);
          CHECK(service.counters().moved >= 1);
          CHECK(service.instance(0).stalled);
          CHECK(service.instance(0).heartbeat_age > 0.2);
          CHECK(eventually(service, [&] { return !service.instance(0).stalled; }));
          // What it answered late was thrown away.
          CHECK(eventually(service, [&] { return service.counters().stale >= 1; }));
          CHECK(service.counters().revivals == 1);
          for (int i = 0; i < 4; ++i) {
            Question question{2, 2};
            question.ask(service, i, patient);
            answered(question);
          }
          for (auto& question : questions) CHECK(question->right());
        });
  }
}

TEST_CASE("an instance that beats while it works does not stall")
{
  register_service("slow", [](const Config&, const Signature&, const ServicePlace& place) {
    class Slow : public ServiceHandler {
     public:
      explicit Slow(ServicePlace place) : place_(std::move(place)) {}
      void answer(const Batch& inputs, const Answers&) override
      {
        if (reinterpret_cast<const double*>(inputs.columns[0])[0] == 0) return;
        for (int i = 0; i < 50; ++i) {
          std::this_thread::sleep_for(std::chrono::milliseconds(10));
          place_.beat();
        }
      }

     private:
      ServicePlace place_;
    };
    return std::make_unique<Slow>(place);
  });
  run(service_run(ml_ranks(), "slow", "stall = \"250 ms\"\n"), [](Service& service) {
    Question question{1, 2};
    question.ask(service, 1, patient);
    CHECK(question.future().wait() == RequestStatus::answered);
    CHECK(question.future().attempts() == 1);
    CHECK(service.counters().stalls == 0);
  });
}

TEST_CASE("a request ends at its deadline or when it is cancelled, and is not written afterwards")
{
  for (const auto& transport : transports) {
    CAPTURE(transport);
    run(service_run(ml_ranks(), "doubling", "stall = \"10 s\"\noptions = { delay = \"300 ms\" }\n",
                    transport),
        [](Service& service) {
          Question sleeper{2, 2};
          Question late{2, 2};
          Question cancelled{2, 2};
          sleeper.ask(service, 1e6, patient);
          late.ask(service, 1, {.priority = 0, .deadline = {0.05}});
          cancelled.ask(service, 2, patient);
          CHECK(cancelled.future().wait_for(0) == RequestStatus::waiting);
          CHECK(cancelled.future().cancel());
          CHECK_FALSE(cancelled.future().cancel());
          CHECK(late.future().wait() == RequestStatus::late);
          CHECK_FALSE(late.future().cancel());
          answered(sleeper);
          {
            Question dropped{2, 2};
            dropped.ask(service, 1e6, patient);
          }
          Question last{2, 2};
          last.ask(service, 4, patient);
          answered(last);
          CHECK(cancelled.future().status() == RequestStatus::cancelled);
          CHECK(cancelled.intact());
          CHECK(late.intact());
          CHECK(service.counters().late == 1);
          CHECK(service.counters().cancelled == 2);
          CHECK(service.counters().answered == 2);
        });
  }
}

TEST_CASE("higher priorities go first")
{
  run(service_run(ml_ranks(), "doubling",
                  "max_batch = 2\ndepth = 6\nstall = \"10 s\"\n"
                  "options = { delay = \"100 ms\" }\n"),
      [](Service& service) {
        // All have to be asked while the instance sleeps, which a busy machine may prevent.
        for (int attempt = 0; attempt < 10; ++attempt) {
          const double begin = MPI_Wtime();
          Question sleeper{2, 2};
          sleeper.ask(service, 1e6, patient);
          // By then it is asleep.
          static_cast<void>(sleeper.future().wait_for(0.02));
          std::vector<std::unique_ptr<Question>> questions;
          for (int i = 0; i < 5; ++i) {
            questions.push_back(std::make_unique<Question>(2, 2));
            questions.back()->ask(service, i == 4 ? 1e6 : i, {.priority = i, .deadline = {20}});
          }
          const bool in_time = MPI_Wtime() - begin < 0.08;
          // The last one, of the highest priority, sleeps again: nobody else is answered before it.
          for (auto& question : questions)
            CHECK(question->future().wait() == RequestStatus::answered);
          if (!in_time) continue;
          for (int i = 0; i < 4; ++i)
            CHECK(questions[static_cast<std::size_t>(i)]->future().times().total >=
                  questions[4]->future().times().total);
          break;
        }
      });
}

TEST_CASE("an instance that drains gets no requests, hands back what it has, and resumes")
{
  for (const auto& transport : transports) {
    CAPTURE(transport);
    run(service_run(ml_ranks(), "doubling", "instances = 2\n", transport), [](Service& service) {
      service.drain(0);
      for (int i = 0; i < 10; ++i) {
        Question question{2, 2};
        question.ask(service, i, patient);
        answered(question);
        CHECK(question.future().instance() == 1);
      }
      CHECK(eventually(service,
                       [&] { return service.instance(0).state == InstanceState::draining; }));
      // Both drain: a request waits until one resumes.
      service.drain(1);
      CHECK(eventually(service,
                       [&] { return service.instance(1).state == InstanceState::draining; }));
      Question question{2, 2};
      question.ask(service, 1, patient);
      CHECK(question.future().wait_for(0.02) == RequestStatus::waiting);
      service.resume(0);
      answered(question);
      CHECK(question.future().instance() == 0);
      CHECK_THROWS_WITH(service.drain(2), doctest::Contains("has no instance 2"));
    });
  }
}

TEST_CASE("a swap changes all instances between two batches, and answers never go back")
{
  for (const auto& transport : transports) {
    CAPTURE(transport);
    run(service_run(ml_ranks(), "doubling", "instances = 3\nbalance = \"round_robin\"\n",
                    transport),
        [](Service& service) {
          std::uint32_t newest = 0;
          for (std::uint32_t swap = 2; swap < 6; ++swap) {
            CHECK(service.swap(swap == 3 ? "a file" : "") == swap);
            for (int i = 0; i < 10; ++i) {
              Question question{2, 2};
              question.ask(service, i, patient);
              answered(question);
              CHECK(question.future().version() >= newest);
              newest = question.future().version();
            }
            CHECK(service.version() == newest);
            CHECK(eventually(service, [&] {
              return service.instance(0).version == swap && service.instance(1).version == swap &&
                     service.instance(2).version == swap;
            }));
          }
          CHECK_THROWS_WITH(service.swap(std::string(600, 'x')), doctest::Contains("600 bytes"));
          // A swap that fails leaves the old version.
          service.swap("bad");
          Question question{2, 2};
          question.ask(service, 1, patient);
          answered(question);
          CHECK(question.future().version() == 5);
        });
  }
}

TEST_CASE("what one instance refuses another may answer; what all refuse fails")
{
  run(service_run(ml_ranks(), "doubling",
                  "instances = 2\nbalance = \"round_robin\"\noptions = { only = 1 }\n"),
      [](Service& service) {
        for (int i = 0; i < 3; ++i) {
          Question question{2, 2};
          question.ask(service, -1e6, patient);
          answered(question);
          CHECK(question.future().instance() == 0);
        }
        CHECK(service.counters().refused >= 1);
      });
  run(service_run(ml_ranks(), "doubling", "instances = 2\n"), [](Service& service) {
    Question question{2, 2};
    question.ask(service, -1e6, patient);
    CHECK(question.future().wait() == RequestStatus::failed);
    CHECK(question.future().attempts() == 2);
    CHECK(question.intact());
    Question next{2, 2};
    next.ask(service, 1, patient);
    answered(next);
  });
}

TEST_CASE("more requests than the rings hold wait for each other, or are late")
{
  run(service_run(ml_ranks(), "doubling",
                  "depth = 2\nstall = \"10 s\"\noptions = { delay = \"200 ms\" }\n"),
      [](Service& service) {
        std::vector<std::unique_ptr<Question>> questions;
        for (int i = 0; i < 5; ++i) {
          questions.push_back(std::make_unique<Question>(2, 2));
          questions.back()->ask(service, i == 0 ? 1e6 : i,
                                {.priority = 0, .deadline = {i == 2 ? 0.02 : 20}});
          if (i == 2) CHECK(questions.back()->future().status() == RequestStatus::late);
        }
        for (int i = 0; i < 5; ++i)
          if (i != 2) answered(*questions[static_cast<std::size_t>(i)]);
        CHECK(service.counters().requested == 5);
        CHECK(service.counters().late == 1);
      });
}
