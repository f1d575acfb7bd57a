// A deterministic run that goes on from a checkpoint.
#include "support/training_case.hpp"

#include <cardan/cardan.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

using namespace test;

namespace {

/// The answers of a deterministic run's steps, each of which asks and then teaches; checkpoints
/// after some of them.
std::vector<double> run_in_turns(const Kind& kind, int ml, const std::string& folder, int begin,
                                 int end, const std::vector<int>& checkpoints,
                                 const std::string& restart)
{
  std::vector<double> answers;
  MPI_Comm comm = MPI_COMM_NULL;
  const bool mine = test::rank_in(MPI_COMM_WORLD) <= ml;
  MPI_Comm_split(MPI_COMM_WORLD, mine ? 0 : MPI_UNDEFINED, 0, &comm);
  if (mine) {
    const std::string text = run_file(kind, ml, folder, false);
    const std::string run = "[run]\n";
    const test::RunFile file{comm, "training_turns",
                             run + "deterministic = true\n" + text.substr(run.size())};
    cardan::SessionOptions options;
    options.restart = restart;
    cardan::Session session{comm, file.name(), options};
    if (session.serves()) {
      CHECK(session.serve() == 0);
    } else {
      auto surrogate = session.surrogate("a");
      std::vector<double> x(32);
      std::vector<double> y(16);
      const cardan::Field xs{x, {16, 2}};
      const cardan::Field ys{y, {16, 1}};
      for (int step = begin; step < end; ++step) {
        session.begin_step(step);
        std::mt19937 random{static_cast<unsigned>(step)};
        std::uniform_real_distribution<double> unit{-1, 1};
        for (auto& value : x) value = unit(random);
        std::fill(y.begin(), y.end(), 7.0);
        static_cast<void>(surrogate.predict({{"x", xs}}, {{"y", ys}}));
        answers.insert(answers.end(), y.begin(), y.end());
        for (std::size_t s = 0; s < y.size(); ++s) y[s] = std::sin(x[2 * s]) + x[2 * s + 1];
        surrogate.observe({{"x", xs}}, {{"y", ys}});
        if (std::count(checkpoints.begin(), checkpoints.end(), step + 1) == 0) continue;
        session.checkpoint();
        CHECK(session.finish_checkpoints());
      }
    }
  }
  if (comm != MPI_COMM_NULL) MPI_Comm_free(&comm);
  MPI_Barrier(MPI_COMM_WORLD);
  return answers;
}

}  // namespace

TEST_CASE("a deterministic run that was interrupted ends as one that was not")
{
  const int ranks = test::size_of(MPI_COMM_WORLD);
  const std::string folder = "training_turns_" + std::to_string(ranks);
  const bool first = test::rank_in(MPI_COMM_WORLD) == 0;
  for (std::size_t k = 0; k < kinds.size(); ++k)
    for (int ml = 1; ml < ranks && ml <= 3; ++ml) {
      CAPTURE(k);
      CAPTURE(ml);
      if (first) {
        fs::remove_all(folder);
        fs::create_directories(folder);
      }
      MPI_Barrier(MPI_COMM_WORLD);
      const auto whole = run_in_turns(kinds[k], ml, folder, 0, 20, {12, 20}, "");
      std::string at_end = newest(folder);
      std::string midway = at_end;
      midway.replace(midway.find("000002"), 6, "000001");
      MPI_Barrier(MPI_COMM_WORLD);
      const auto rest = run_in_turns(kinds[k], ml, folder, 12, 20, {20}, midway);
      if (first) {
        CHECK(newest(folder) != at_end);
        compare(at_end, newest(folder), true);
        CHECK(std::count(whole.begin(), whole.end(), 7.0) <
              static_cast<std::ptrdiff_t>(whole.size()));
        const bool same = std::equal(rest.begin(), rest.end(), whole.begin() + 192, whole.end());
        CHECK(same);
      }
      MPI_Barrier(MPI_COMM_WORLD);
      if (first) fs::remove_all(folder);
    }
}
