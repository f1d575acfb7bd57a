// Steering where something is not as it should be: no ML ranks or ones that leave, and what is
// refused, by whom.
#include "support/steering_run.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <stdexcept>
#include <string>

using test::ml_ranks;
using test::rank_in;
using test::run;
using test::run_coupled;
using test::RunFile;
using test::size_of;
using test::Steered;
using test::steering_run;
using test::Wish;
using namespace cardan;

namespace {

/// What all ranks of the session are told.
std::string error_of(const std::string& text, const std::function<void(Session&)>& work)
{
  test::register_obedient();
  const RunFile file{MPI_COMM_WORLD, "steering", text};
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

/// The same, where only simulation ranks are told.
std::string refusal_of(const std::string& text, const std::function<void(Session&)>& work)
{
  std::string message;
  run_coupled(text, [&](Session& session) {
    try {
      work(session);
    } catch (const Error& error) {
      message = error.what();
    }
    CHECK_FALSE(message.empty());
  });
  return message;
}

void says(const std::string& message, const std::string& part)
{
  INFO(message);
  if (!message.empty()) CHECK(message.find(part) != std::string::npos);
}

}  // namespace

TEST_CASE("without ML ranks no decision ever comes")
{
  run(steering_run(0), [](Session& session) {
    Steered steered{session};
    for (const auto step : session.steps(3)) {
      steered.report(Wish::all, 0, static_cast<double>(step));
      CHECK_FALSE(steered.poll());
      CHECK_FALSE(steered.wait(1e6));
    }
    CHECK(steered.intact());
    CHECK(steered.counters().reported == 3);
    CHECK(steered.counters().dropped == 0);
    CHECK(steered.counters().arrived == 0);
  });
}

TEST_CASE("deciders that leave are noticed")
{
  if (size_of(MPI_COMM_WORLD) - ml_ranks() < 2 || ml_ranks() == 0) return;
  test::register_obedient();
  const RunFile file{MPI_COMM_WORLD, "steering",
                     steering_run(ml_ranks(), "full = \"wait\"\ndepth = 1\n")};
  try {
    Session session{MPI_COMM_WORLD, file.name()};
    if (session.serves()) {
      CHECK(session.serve() == 1);
      return;
    }
    Steered steered{session};
    steered.report(Wish::one, 0, 1);
    REQUIRE(steered.wait());
    MPI_Barrier(session.comm());
    if (rank_in(session.comm()) == 0) throw std::runtime_error("the simulation fails here");
    CHECK_FALSE(steered.wait(1e6));
    for (int i = 0; i < 5; ++i) steered.report(Wish::one, 0, 1);
    CHECK(steered.counters().dropped == 5);
    throw std::runtime_error("and so everywhere");
  } catch (const std::runtime_error&) {
  }
}

TEST_CASE("a report that has waited in vain says so once")
{
  std::string text = steering_run(ml_ranks(), "full = \"wait\"\ndepth = 2\n");
  text.replace(text.find("30 s"), 4, "3 s");
  run_coupled(text, [](Session& session) {
    Steered steered{session};
    if (rank_in(session.comm()) != 0) return;
    steered.report(Wish::sleep, 7000, 0);
    const auto flood = [&] {
      for (int i = 0; i < 3; ++i) steered.report(Wish::one, 0, i);
    };
    CHECK_THROWS_WITH_AS(flood(), doctest::Contains("found no room"), Late);
    CHECK(steered.counters().dropped == 1);
    const std::int64_t reported = steered.counters().reported;
    flood();
    CHECK(steered.counters().reported == reported + 3);
    CHECK(steered.counters().dropped == 4);
    test::settle(steered, reported - 2);
    steered.report(Wish::one, 0, 9);
    REQUIRE(steered.wait());
    CHECK(steered.holds(9, 0));
  });
}

TEST_CASE("what cannot be opened is refused on all ranks")
{
  const auto text = steering_run(ml_ranks());
  const auto open = [](const Features& report, const Features& decision, const char* name = "s") {
    return [=](Session& session) { static_cast<void>(session.steering(name, report, decision)); };
  };
  Features number{{"a", Dtype::float64, {}}};
  says(refusal_of(text, open(number, {})), "without a decision");
  says(refusal_of(text, open(number, {{"a", Dtype::float64, {2, 0}}})), "must be positive");
  says(refusal_of(text, open({{"a", Dtype::int8, {}}, {"a", Dtype::int8, {}}}, number)),
       "another field has that name");
  says(refusal_of(text, open(number, number, "t")), "Did you mean 's'?");
  if (size_of(MPI_COMM_WORLD) - ml_ranks() > 1) {
    const auto differently = [&](const std::function<Features(bool)>& report,
                                 const std::function<Features(bool)>& decision) {
      return refusal_of(text, [&](Session& session) {
        const bool last = rank_in(session.comm()) == size_of(session.comm()) - 1;
        static_cast<void>(session.steering("s", report(last), decision(last)));
      });
    };
    const auto same = [&](bool) -> Features { return number; };
    says(differently(same,
                     [](bool last) {
                       return Features{{"a", last ? Dtype::float32 : Dtype::float64, {}}};
                     }),
         "dtype");
    says(differently(
             [](bool last) {
               return Features{{"a", Dtype::int8, {last ? 2 : 3}}};
             },
             same),
         "shape");
    says(differently(
             [](bool last) {
               return Features{{last ? "a" : "b", Dtype::int8, {}}};
             },
             same),
         "name");
    says(differently([&](bool last) { return last ? Features{} : number; }, same), "(nothing)");
  }
  if (ml_ranks() > 0) {
    says(error_of(steering_run(ml_ranks(), "", "auto", "obediant"), open(number, number)),
         "Did you mean 'obedient'?");
    says(error_of(steering_run(ml_ranks(), "options = { speed = 3 }\n"), open(number, number)),
         "unknown key 'speed'");
  }
  const std::string defaults = "none = \"default\"\ndefault = ";
  const auto with_default = [&](const std::string& table) {
    return refusal_of(steering_run(ml_ranks(), defaults + table + "\n"),
                      open(number, {{"a", Dtype::uint8, {3}}, {"b", Dtype::float32, {}}}));
  };
  says(with_default("{ a = [1, 2], b = 1 }"), "the field has 3 numbers");
  says(with_default("{ a = 256, b = 1 }"), "256 is no uint8");
  says(with_default("{ a = 1 }"), "it has nothing for 'b'");
  says(with_default("{ a = 1, b = 2, bb = 3 }"), "Did you mean 'b'?");
  says(error_of(steering_run(0, "dept = 3\n"), open(number, number)), "Did you mean 'depth'?");
  says(error_of(steering_run(0, "depth = 0\n"), open(number, number)), "must be positive");
  says(error_of(steering_run(0, "default = { a = 1 }\n"), open(number, number)),
       "none = \"default\"");
  says(error_of(steering_run(0, "none = \"default\"\n"), open(number, number)), "no defaults");
}

TEST_CASE("a report or a decision that was not declared so is refused by the rank that has it")
{
  run(steering_run(ml_ranks()), [](Session& session) {
    auto steering = session.steering("s", {}, {{"a", Dtype::float64, {2}}});
    double a[2] = {1, 2};
    const double fixed[2] = {1, 2};
    float wrong[2] = {1, 2};
    CHECK_THROWS_WITH_AS(steering.poll({{"a", Field{wrong, {2}}}}), doctest::Contains("float32"),
                         Error);
    CHECK_THROWS_WITH_AS(steering.poll({{"b", Field{a, {2}}}}), doctest::Contains("'b'"), Error);
    CHECK_THROWS_WITH_AS(steering.poll({{"a", Field{a, {1}}}}), doctest::Contains("(1,)"), Error);
    CHECK_THROWS_AS(steering.poll({{"a", Field{fixed, {2}}}}), Error);
    CHECK_THROWS_WITH_AS(steering.poll(Steering::Fields{}), doctest::Contains("0 fields"), Error);
    CHECK_THROWS_WITH_AS(steering.report({{"x", Field{a, {2}}}}), doctest::Contains("1 field "),
                         Error);
    // A report may be nothing but its stamp. The decider does not like it, and goes on.
    steering.report(Steering::Fields{});
    CHECK_FALSE(steering.poll({{"a", Field{a, {2}}}}));
  });
}
