/// A library of toy candidates, and what a pipeline must keep to whatever it decides.
#pragma once

#include "couplers/pipeline/rule.hpp"

#include <cardan/pipeline.hpp>

#include <doctest/doctest.h>
#include <mpi.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace test {

/// How good a candidate is; what a cheap stage sees of it.
inline double quality_of(std::int64_t candidate)
{
  return cardan::pipeline::chance_of(5, candidate, 0);
}
inline double rough_quality_of(std::int64_t candidate, int stage)
{
  return quality_of(candidate) + 0.1 * (cardan::pipeline::chance_of(6, candidate, stage) - 0.5);
}

/// Counts how often each candidate came to each stage of this rank.
struct Counts {
  Counts(int stages, std::int64_t candidates)
      : times(static_cast<std::size_t>(stages),
              std::vector<std::int64_t>(static_cast<std::size_t>(candidates), 0))
  {}
  std::vector<std::vector<std::int64_t>> times;
  std::vector<int> moves;

  void add(int stage, std::int64_t candidate)
  {
    ++times[static_cast<std::size_t>(stage)][static_cast<std::size_t>(candidate)];
  }
  /// Collective: over all ranks of `comm`.
  void join(MPI_Comm comm)
  {
    for (auto& each : times)
      MPI_Allreduce(MPI_IN_PLACE, each.data(), static_cast<int>(each.size()), MPI_INT64_T, MPI_SUM,
                    comm);
  }
};

/// No candidate is lost, and none comes twice.
inline void check_report(const cardan::PipelineReport& report, const Counts& counts, bool model)
{
  const auto sum = [](const std::vector<std::int64_t>& numbers) {
    std::int64_t all = 0;
    for (const auto number : numbers) {
      CHECK(number <= 1);
      all += number;
    }
    return all;
  };
  for (std::size_t s = 0; s < report.stages.size(); ++s) {
    const auto& stage = report.stages[s];
    CHECK(stage.entered == stage.promoted + stage.rejected + stage.failed);
    if (s + 1 < report.stages.size()) CHECK(stage.promoted == report.stages[s + 1].entered);
    // Alone nobody asks for features.
    const auto came = sum(counts.times[s]);
    if (!(model && s == 0 && came == 0)) CHECK(stage.entered == came);
  }
  CHECK(static_cast<std::int64_t>(report.finished.size()) == report.stages.back().promoted);
  CHECK(report.times.size() == report.finished.size());
  CHECK(report.costs.size() == report.finished.size());
  std::vector<int> seen(counts.times.back().size(), 0);
  for (std::size_t i = 0; i < report.finished.size(); ++i) {
    const auto candidate = report.finished[i];
    CHECK(++seen[static_cast<std::size_t>(candidate)] == 1);
    CHECK(counts.times.back()[static_cast<std::size_t>(candidate)] == 1);
    const std::size_t width = report.results.size() / report.finished.size();
    CHECK(report.results[i * width] == quality_of(candidate));
    if (i > 0) CHECK(report.times[i] >= report.times[i - 1]);
    if (i > 0) CHECK(report.costs[i] >= report.costs[i - 1]);
  }
  CHECK(report.busy_fraction >= 0);
  CHECK(report.busy_fraction <= 1.05);
}

/// The same on all simulation ranks.
inline void check_same(const cardan::PipelineReport& report, MPI_Comm comm)
{
  double mine[3] = {static_cast<double>(report.finished.size()), report.wall, 0};
  for (const auto candidate : report.finished)
    mine[2] = 0.5 * mine[2] + static_cast<double>(candidate);
  double first[3] = {mine[0], mine[1], mine[2]};
  MPI_Bcast(first, 3, MPI_DOUBLE, 0, comm);
  CHECK(std::memcmp(mine, first, sizeof mine) == 0);
}

}  // namespace test
