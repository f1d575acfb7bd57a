// The decision log of what is steered: every decision that was taken or late, of all ranks, with
// what came of it.
#include "support/steering_run.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using test::ml_ranks;
using test::size_of;
using test::Steered;
using test::Wish;
using namespace cardan;

namespace {

constexpr int steps = 12;

/// Lines of a file that have all of these words.
int lines_with(const std::string& file, const std::vector<std::string>& words)
{
  std::ifstream lines{file};
  std::string line;
  int count = 0;
  while (std::getline(lines, line))
    count += std::all_of(words.begin(), words.end(), [&](const std::string& word) {
      return line.find(word) != std::string::npos;
    });
  return count;
}

std::vector<std::int64_t> column(Archive& file, const std::string& name)
{
  const Extents shape = file.shape(name);
  std::vector<std::int64_t> values(static_cast<std::size_t>(shape[0]));
  file.read(name, Field{values}.in(Box{shape, {0}, shape}));
  return values;
}

}  // namespace

TEST_CASE("the log has each decision once, with its reason, and its fields where they are wanted")
{
  for (const bool answers : {true, false}) {
    const std::string folder = "steering_log_" + std::to_string(size_of(MPI_COMM_WORLD));
    std::string text = test::steering_run(ml_ranks(), "max_age = 3\n");
    text.replace(0, 6,
                 "[decisions]\nflush = 5\nanswers = " + std::string{answers ? "true" : "false"} +
                     "\n[run]\nprovenance = true\nfolder = \"" + folder + "\"\n");
    test::run(text, [](Session& session) {
      Steered steered{session};
      // Some are late: the report is of a step long ago.
      for (const auto step : session.steps(steps)) {
        const bool late = step % 4 == 3;
        const std::int64_t now = step;
        steered.report(Wish::one, 0, static_cast<double>(step));
        if (late) session.begin_step(now + 5);
        if (session.ml_ranks() > 0)
          while (steered.counters().applied + steered.counters().late <= now) steered.poll();
        if (late) session.begin_step(now);
      }
    });
    if (test::world_rank() == 0) {
      const int ranks = size_of(MPI_COMM_WORLD) - ml_ranks();
      const std::string lines = folder + "/decisions.jsonl";
      const bool coupled = ml_ranks() > 0;
      CHECK(std::filesystem::exists(lines) == coupled);
      for (int r = 0; coupled && r < ranks; ++r)
        for (int step = 0; step < steps; ++step) {
          const bool late = step % 4 == 3;
          const auto is = [](const std::string& name, std::int64_t value) {
            return "\"" + name + "\": " + std::to_string(value) + ",";
          };
          CHECK(lines_with(lines,
                           {"{\"decision\": \"steering\", \"steering\": \"s\",", is("rank", r),
                            is("from_step", step), is("step", late ? step + 5 : step),
                            is("age_steps", late ? 5 : 0), is("late", late), is("applied", !late),
                            "\"reason\": \"report " + std::to_string(step) + " of rank " +
                                std::to_string(r) + "\"}"}) == 1);
        }
      if (coupled) {
        CHECK(lines_with(lines, {}) == ranks * steps);
        Archive file{MPI_COMM_SELF, folder + "/decisions.h5", Archive::Mode::read};
        const auto from = column(file, "steering/s/decisions/from_step");
        CHECK(from.size() == static_cast<std::size_t>(ranks * steps));
        CHECK(file.has("steering/s/fields/sum") == answers);
        if (answers) {
          std::vector<double> sums(from.size());
          const Extents shape{static_cast<std::int64_t>(sums.size())};
          file.read("steering/s/fields/sum", Field{sums}.in(Box{shape, {0}, shape}));
          for (std::size_t i = 0; i < sums.size(); ++i)
            CHECK(sums[i] == 6.0 * static_cast<double>(from[i]) + 15);
        }
      }
      std::filesystem::remove_all(folder);
    }
    MPI_Barrier(MPI_COMM_WORLD);
  }
}
