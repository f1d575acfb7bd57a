// Which instance is asked, by each of the policies.
#include "support/service.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <set>

using test::numbers;
using test::Question;
using test::RunFile;
using test::service_run;
using test::size_of;
using namespace cardan;

namespace {

constexpr int instances = 3;
const RequestOptions patient{.priority = 0, .deadline = {20}};

/// One simulation rank; three instances on the others.
void run(const std::string& keys, const std::function<void(Service&)>& work)
{
  test::register_doubling();
  const RunFile file{MPI_COMM_WORLD, "service_balance",
                     service_run(size_of(MPI_COMM_WORLD) - 1, "doubling",
                                 "instances = " + std::to_string(instances) + "\n" + keys)};
  Session session{MPI_COMM_WORLD, file.name()};
  if (session.serves()) {
    CHECK(session.serve() == 0);
    return;
  }
  auto service = session.service("s", {numbers("x", 1, 2)}, {numbers("y", 1, 2)});
  REQUIRE(service.wait_ready(20));
  work(service);
}

/// Who answers so many requests, one after the other.
std::vector<int> one_by_one(Service& service, int count)
{
  std::vector<int> answered_by;
  for (int i = 0; i < count; ++i) {
    Question question{1, 2};
    question.ask(service, i, patient);
    CHECK(question.future().wait() == RequestStatus::answered);
    answered_by.push_back(question.future().instance());
  }
  return answered_by;
}

/// How many of so many requests that are under way together each instance answers.
std::vector<int> together(Service& service, int count)
{
  std::vector<std::unique_ptr<Question>> questions;
  for (int i = 0; i < count; ++i) {
    questions.push_back(std::make_unique<Question>(1, 2));
    questions.back()->ask(service, i, patient);
  }
  std::vector<int> shares(instances, 0);
  for (auto& question : questions) {
    CHECK(question->future().wait() == RequestStatus::answered);
    ++shares[static_cast<std::size_t>(question->future().instance())];
  }
  return shares;
}

}  // namespace

TEST_CASE("round robin goes in turn, past those that drain")
{
  run("balance = \"round_robin\"\n", [](Service& service) {
    const auto first = one_by_one(service, 9);
    for (std::size_t i = 0; i < first.size(); ++i)
      CHECK(first[i] == static_cast<int>(i) % instances);
    service.drain(1);
    const auto rest = one_by_one(service, 8);
    for (std::size_t i = 0; i < rest.size(); ++i) CHECK(rest[i] == (i % 2 == 0 ? 0 : 2));
  });
}

TEST_CASE("the least queue takes an even share of what is under way together")
{
  // A batch waits for others: all requests are under way before the first is answered.
  run("balance = \"least_queue\"\ndepth = 4\nmax_wait = \"100 ms\"\n", [](Service& service) {
    for (const int share : together(service, 12)) CHECK(share == 4);
  });
}

TEST_CASE("two choices use all instances, and prefer the emptier of the two")
{
  run("balance = \"two_choices\"\ndepth = 8\nmax_wait = \"100 ms\"\n", [](Service& service) {
    for (const int share : together(service, 24)) {
      CHECK(share > 0);
      CHECK(share <= 8);
    }
  });
}

TEST_CASE("local first asks this node's instances")
{
  run("balance = \"local_first\"\n", [](Service& service) {
    for (int i = 0; i < instances; ++i) CHECK(service.instance(i).on_this_node);
    std::set<int> used;
    for (const int instance : one_by_one(service, 9)) used.insert(instance);
    CHECK(used.size() == instances);
  });
}
