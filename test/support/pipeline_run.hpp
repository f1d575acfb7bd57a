/// Runs of a pipeline of three toy stages.
#pragma once

#include "mpi/comm.hpp"
#include "support/jitter.hpp"
#include "support/pipeline.hpp"
#include "support/run_file.hpp"
#include "support/world.hpp"

#include <cardan/session.hpp>

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <utility>

namespace test {

inline constexpr std::int64_t candidates = 300;

inline std::string toy(const std::string& keys, const std::string& rough, const std::string& middle,
                       const std::string& fine = "")
{
  return "[pipeline.toy]\ncandidates = 300\nstages = [\"rough\", \"middle\", \"fine\"]\n" + keys +
         "[pipeline.toy.stage.rough]\n" + rough + "[pipeline.toy.stage.middle]\n" + middle +
         "[pipeline.toy.stage.fine]\n" + fine;
}

struct Outcome {
  bool simulates = false;
  bool failed = false;
  cardan::PipelineReport report;
  Counts counts{3, candidates};
};

struct Options {
  explicit Options(std::string keys, int milliseconds = 0, bool describes = false)
      : text(std::move(keys)), delay(milliseconds), model(describes)
  {}
  std::string text;
  /// Milliseconds that some candidates of the last stage take.
  int delay;
  /// Describes candidates for a model.
  bool model;
  /// From this candidate on descriptions mislead.
  std::int64_t misled = candidates;
  /// What befalls a candidate in a stage; gives the score then.
  std::function<double(const cardan::PipelineTask& task, double score)> befall;
  /// Gives more values than it may.
  bool wrong_count = false;
  /// Keys of `[run]`.
  std::string run;
  /// After the run, with what it has thrown.
  std::function<void(cardan::Session& session, const std::string& said)> after;
};

inline cardan::PipelineWork work_of(const Options& options, Outcome& outcome)
{
  cardan::PipelineWork work;
  const int first = options.model ? 1 : 0;
  if (options.model)
    work.describe = [&outcome, misled = options.misled](std::int64_t candidate,
                                                        std::byte* const* features) {
      outcome.counts.add(0, candidate);
      const double sign = candidate < misled ? 1 : -1;
      const double noise = 0.01 * (cardan::pipeline::chance_of(7, candidate, 0) - 0.5);
      const std::array<double, 2> x{sign * quality_of(candidate) + noise, 1.0};
      std::memcpy(features[0], x.data(), sizeof x);
    };
  work.run = [&outcome, options, first](const cardan::PipelineTask& task, std::span<double> values,
                                        std::int64_t& count) {
    outcome.counts.add(task.stage, task.candidate);
    CHECK(static_cast<int>(task.scores.size()) == task.stage);
    for (int s = first; s < task.stage; ++s)
      CHECK(task.scores[static_cast<std::size_t>(s)] == rough_quality_of(task.candidate, s));
    if (task.stage > first) {
      CHECK(static_cast<int>(task.values.size()) == 1);
      CHECK(task.values[0] == static_cast<double>(10 * task.candidate + task.stage - 1));
    }
    values[0] = static_cast<double>(10 * task.candidate + task.stage);
    count = options.wrong_count ? 3 : 1;
    if (task.stage == 2 && options.delay > 0 && task.candidate % 16 == 0)
      std::this_thread::sleep_for(std::chrono::milliseconds{options.delay});
    const double score =
        task.stage == 2 ? quality_of(task.candidate) : rough_quality_of(task.candidate, task.stage);
    return options.befall ? options.befall(task, score) : score;
  };
  work.moved = [&outcome, stage = -3](int to) mutable {
    CHECK(to != stage);
    stage = to;
    outcome.counts.moves.push_back(to);
  };
  return work;
}

inline std::string with_keys(std::string text, const std::string& keys)
{
  return text.insert(text.find('\n') + 1, keys);
}

inline Outcome run(const Options& options)
{
  Outcome outcome;
  const int size = cardan::mpi::size(MPI_COMM_WORLD);
  const int ml = size == 1 ? 0 : size > 4 ? 2 : 1;
  const RunFile file{MPI_COMM_WORLD, "pipeline",
                     with_keys(quiet_run(ml, options.text), options.run)};
  {
    std::optional<Jitter> jitter;
    if (environment("CARDAN_JITTER", 0) > 0) jitter.emplace(world_rank());
    cardan::Session session{MPI_COMM_WORLD, file.name()};
    if (session.serves()) {
      CHECK(session.serve() == 0);
    } else {
      outcome.simulates = true;
      cardan::Features features;
      if (options.model) features.push_back({"x", cardan::Dtype::float64, {2}});
      auto pipeline = session.pipeline("toy", {features, 2});
      CHECK(pipeline.candidates() == candidates);
      CHECK(pipeline.stages().size() == 3);
      const auto work = work_of(options, outcome);
      std::string said;
      try {
        outcome.report = pipeline.run(work);
      } catch (const std::exception& error) {
        said = error.what();
      }
      outcome.failed = !said.empty();
      if (options.after) options.after(session, said);
      CHECK((said.empty() || options.after));
      if (said.empty()) {
        check_same(outcome.report, session.comm());
        CHECK_THROWS_AS(pipeline.run(work), cardan::Error);
      }
    }
  }
  // Of all ranks: the ML ranks have counted nothing.
  outcome.counts.join(MPI_COMM_WORLD);
  if (outcome.simulates && !outcome.failed)
    check_report(outcome.report, outcome.counts, options.model);
  return outcome;
}

inline bool coupled()
{
  return cardan::mpi::size(MPI_COMM_WORLD) > 1;
}

}  // namespace test
