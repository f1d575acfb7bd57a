// Pipelines whose functions fail, and what a run leaves behind.
#include "support/pipeline_run.hpp"

#include <cardan/archive.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

using test::candidates;
using test::coupled;
using test::Options;
using test::run;
using test::toy;

TEST_CASE("scores that are no numbers are failures, and are counted")
{
  Options options{toy("", "", "promote = { kind = \"random\", share = 0.5 }\n")};
  options.befall = [](const cardan::PipelineTask& task, double score) {
    if (task.stage == 0 && task.candidate % 3 == 0) return std::numeric_limits<double>::quiet_NaN();
    if (task.stage == 2 && task.candidate % 2 == 0) return -std::numeric_limits<double>::infinity();
    return score;
  };
  const auto outcome = run(options);
  if (!outcome.simulates) return;
  CHECK(outcome.report.stages[0].failed == candidates / 3);
  CHECK(outcome.report.stages[1].failed == 0);
  CHECK(outcome.report.stages[2].failed > 0);
  for (const auto candidate : outcome.report.finished) {
    CHECK(candidate % 3 != 0);
    CHECK(candidate % 2 != 0);
  }
}

TEST_CASE("all may fail")
{
  Options options{toy("", "", "")};
  options.befall = [](const cardan::PipelineTask&, double) {
    return std::numeric_limits<double>::infinity();
  };
  const auto outcome = run(options);
  if (!outcome.simulates) return;
  CHECK(outcome.report.stages[0].failed == candidates);
  CHECK(outcome.report.finished.empty());
}

TEST_CASE("an error of one rank ends the run on all of them")
{
  for (const int stage : {0, 2}) {
    CAPTURE(stage);
    Options options{toy("", "queue = 3\n", "queue = 3\n")};
    options.befall = [stage](const cardan::PipelineTask& task, double score) {
      if (task.stage == stage && task.candidate == 123) throw std::runtime_error("the mesh tore");
      return score;
    };
    options.after = [](cardan::Session& session, const std::string& said) {
      CHECK(said.find("the mesh tore") != std::string::npos);
      MPI_Barrier(session.comm());
    };
    static_cast<void>(run(options));
  }
}

TEST_CASE("more values than were declared are an error")
{
  Options options{toy("", "", "")};
  options.wrong_count = true;
  options.after = [](cardan::Session& session, const std::string& said) {
    CHECK(said.find("declared are 2 at most") != std::string::npos);
    MPI_Barrier(session.comm());
  };
  static_cast<void>(run(options));
}

TEST_CASE("the log has every candidate's way")
{
  const std::string folder = "pipeline_log_" + std::to_string(test::size_of(MPI_COMM_WORLD));
  Options options{toy("budget = 60\n", "", "promote = { kind = \"score\" }\n")};
  options.run = "provenance = true\nfolder = \"" + folder + "\"\n";
  const auto outcome = run(options);
  MPI_Barrier(MPI_COMM_WORLD);
  if (outcome.simulates && coupled() && test::rank_in(MPI_COMM_WORLD) == 0) {
    cardan::Archive archive{MPI_COMM_SELF, folder + "/pipeline-toy.h5",
                            cardan::Archive::Mode::read};
    const auto rows = archive.shape("ways/candidate")[0];
    const auto column = [&](const std::string& name) {
      std::vector<std::int64_t> numbers(static_cast<std::size_t>(rows));
      const cardan::Extents shape{rows};
      archive.read(name, cardan::Field{numbers.data(), shape}.in({shape, {0}, shape}));
      return numbers;
    };
    const auto stages = column("ways/stage");
    const auto verdicts = column("ways/verdict");
    const auto count = [&](int stage, int verdict) {
      std::int64_t sum = 0;
      for (std::size_t i = 0; i < stages.size(); ++i)
        if (stages[i] == stage && verdicts[i] == verdict) ++sum;
      return sum;
    };
    CHECK(count(0, 0) == candidates);
    CHECK(count(2, 4) == 60);
    CHECK(count(1, 0) + count(1, 2) == outcome.report.stages[1].entered);
    CHECK(count(1, 0) + count(1, 5) - count(1, 6) == 60);
    CHECK(archive.shape("queues/length")[1] == 3);
    CHECK(archive.shape("assignment/time")[0] >= 1);
  }
  MPI_Barrier(MPI_COMM_WORLD);
  if (test::rank_in(MPI_COMM_WORLD) == 0) std::filesystem::remove_all(folder);
}
