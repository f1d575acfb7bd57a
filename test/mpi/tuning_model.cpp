// A network of the run file's, tuned: its width, its rate and its batch.

#include "support/run_file.hpp"
#include "support/world.hpp"

#include <cardan/cardan.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <cstdio>
#include <string>
#include <vector>

using namespace cardan;

namespace {

std::string text_of(const std::string& keys, int ml)
{
  return "[run]\nquiet = true\nseed = 5\ndeadline = \"60 s\"\n[ranks]\nml = { count = " +
         std::to_string(ml) +
         " }\n[tuning.f]\nmodel = { kind = \"mlp\", hidden = [4], members = 1 }\n" + keys +
         "[training.f]\noptimizer = { kind = \"adam\", rate = 1e-3 }\n"
         "[tuning.f.space]\nmodel.hidden = { choices = [[4], [16], [16, 16]] }\n"
         "\"optimizer.rate\" = { low = 1e-4, high = 3e-2, log = true }\n"
         "batch = { low = 16, high = 64, integer = true }\n";
}

void tune(const std::string& keys)
{
  const int ranks = test::world_size();
  const test::RunFile file{MPI_COMM_WORLD, "tuning_model", text_of(keys, ranks > 1 ? 1 : 0)};
  Session session{MPI_COMM_WORLD, file.name()};
  if (session.serves()) {
    CHECK(session.serve() == 0);
    return;
  }
  auto tuning = session.tuning("f", {0, {{"x", Dtype::float64, {}}}, {{"y", Dtype::float64, {}}}});
  // Each rank knows its own part of a sine.
  const int me = test::rank_in(session.comm());
  const int all = test::size_of(session.comm());
  std::vector<double> x;
  std::vector<double> y;
  for (int i = me; i < 120; i += all) {
    x.push_back(-1 + 2.0 * i / 119);
    y.push_back(std::sin(3 * x.back()));
  }
  const auto half = static_cast<std::ptrdiff_t>(x.size() / 4);
  tuning.hold_out({{"x", std::vector<double>(x.begin(), x.begin() + half)}},
                  {{"y", std::vector<double>(y.begin(), y.begin() + half)}});
  tuning.observe({{"x", x}}, {{"y", y}});
  const TuningReport& report = tuning.run(tuning.model_work());
  CHECK(report.held_out + 120 == report.samples + report.held_out);
  CHECK(report.best >= 0);
  CHECK(report.best_loss < report.records.front().loss);
  CHECK(report.best_loss < 0.3);
  CHECK(report.diverged == 0);

  std::vector<double> asked(50);
  std::vector<double> answers(50);
  for (std::size_t i = 0; i < asked.size(); ++i) asked[i] = -0.9 + 0.036 * static_cast<double>(i);
  tuning.predict({{"x", asked}}, {{"y", answers}});
  double error = 0;
  for (std::size_t i = 0; i < asked.size(); ++i)
    error += std::pow(answers[i] - std::sin(3 * asked[i]), 2) / 50;
  CHECK(error < 0.5);
  const std::string saved = "tuned_test_" + std::to_string(ranks) + ".pt";
  if (me == 0) {
    tuning.save(saved);
    std::FILE* const there = std::fopen(saved.c_str(), "rb");
    CHECK(there != nullptr);
    if (there != nullptr) std::fclose(there);
    std::remove(saved.c_str());
  }
}

}  // namespace

TEST_CASE("a network is tuned, several ranks to a trial where it is promoted")
{
  tune("trials = 9\nranks_per_trial = [1, 2]\nscheduler = { eta = 3, min = 4, max = 36 }\n");
}

TEST_CASE("a population of networks goes on from each other's weights")
{
  tune("trials = 6\nscheduler = { kind = \"population\", min = 5, max = 20 }\n");
}

TEST_CASE("a key that is not known is refused, with the nearest")
{
  const test::RunFile file{MPI_COMM_WORLD, "tuning_model",
                           text_of("", 0) + "\"optimizer.rat\" = { low = 1e-4, high = 1e-2 }\n"};
  std::string message;
  try {
    Session session{MPI_COMM_WORLD, file.name()};
    static_cast<void>(
        session.tuning("f", {0, {{"x", Dtype::float64, {}}}, {{"y", Dtype::float64, {}}}}));
  } catch (const Error& error) {
    message = error.what();
  }
  INFO(message);
  CHECK(message.find("unknown key 'rat'") != std::string::npos);
}
