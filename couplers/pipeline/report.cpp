// Reports as numbers, so that all ranks have the same; and those of several ranks as one.

#include "couplers/pipeline/ledger.hpp"

#include <cardan/error.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace cardan::pipeline {

namespace {

/// Each number of a stage, in one order for both ways.
template <class Stage, class Take>
void each_number(Stage& stage, Take&& take)
{
  take(stage.entered);
  take(stage.promoted);
  take(stage.rejected);
  take(stage.failed);
  take(stage.busy);
  take(stage.idle);
  take(stage.cost);
  take(stage.moves);
  take(stage.fewest);
  take(stage.most);
  take(stage.longest);
  take(stage.mean_queue);
}

template <class Report, class Take>
void each_number_of_report(Report& report, Take&& take)
{
  for (auto& stage : report.stages) each_number(stage, take);
  take(report.busy_fraction);
  take(report.wall);
  take(report.versions);
  take(report.drifts);
  take(report.first_error);
  take(report.last_error);
}

}  // namespace

std::vector<double> pack(const PipelineReport& report)
{
  std::vector<double> numbers{static_cast<double>(report.finished.size()),
                              static_cast<double>(report.results.size())};
  each_number_of_report(report, [&](auto value) { numbers.push_back(static_cast<double>(value)); });
  for (const auto candidate : report.finished) numbers.push_back(static_cast<double>(candidate));
  for (const auto* series : {&report.results, &report.times, &report.costs})
    numbers.insert(numbers.end(), series->begin(), series->end());
  return numbers;
}

PipelineReport unpack(std::span<const double> numbers, const std::vector<std::string>& names)
{
  PipelineReport report;
  report.stages.resize(names.size());
  for (std::size_t s = 0; s < names.size(); ++s) report.stages[s].name = names[s];
  std::size_t at = 0;
  const auto next = [&] {
    if (at >= numbers.size()) throw Error{"a report of a pipeline is cut short"};
    return numbers[at++];
  };
  const auto finished = static_cast<std::size_t>(next());
  const auto results = static_cast<std::size_t>(next());
  each_number_of_report(
      report, [&](auto& value) { value = static_cast<std::decay_t<decltype(value)>>(next()); });
  report.finished.resize(finished);
  for (auto& candidate : report.finished) candidate = static_cast<std::int64_t>(next());
  const auto read = [&](std::vector<double>& series, std::size_t count) {
    series.resize(count);
    for (double& value : series) value = next();
  };
  read(report.results, results);
  read(report.times, finished);
  read(report.costs, finished);
  return report;
}

PipelineReport join(const std::vector<PipelineReport>& parts)
{
  PipelineReport all;
  all.stages.resize(parts.front().stages.size());
  double busy = 0;
  for (const auto& part : parts) {
    all.wall = std::max(all.wall, part.wall);
    for (std::size_t s = 0; s < all.stages.size(); ++s) {
      auto& sum = all.stages[s];
      const auto& one = part.stages[s];
      sum.name = one.name;
      sum.entered += one.entered;
      sum.promoted += one.promoted;
      sum.rejected += one.rejected;
      sum.failed += one.failed;
      sum.busy += one.busy;
      sum.idle += one.idle;
      // Every rank works for all stages.
      sum.fewest = sum.most = static_cast<int>(parts.size());
      busy += one.busy;
    }
  }
  for (auto& stage : all.stages)
    stage.cost = stage.entered > 0 ? stage.busy / static_cast<double>(stage.entered) : 0;
  if (all.wall > 0) all.busy_fraction = busy / (all.wall * static_cast<double>(parts.size()));

  struct Place {
    std::size_t part = 0;
    std::size_t index = 0;
  };
  std::vector<Place> order;
  for (std::size_t p = 0; p < parts.size(); ++p)
    for (std::size_t i = 0; i < parts[p].finished.size(); ++i) order.push_back({p, i});
  std::stable_sort(order.begin(), order.end(), [&](const Place& a, const Place& b) {
    return parts[a.part].times[a.index] < parts[b.part].times[b.index];
  });
  double cost = 0;
  std::vector<double> before(parts.size(), 0.0);
  for (const auto& [p, i] : order) {
    const auto& part = parts[p];
    const std::size_t width = part.results.size() / part.finished.size();
    all.finished.push_back(part.finished[i]);
    all.times.push_back(part.times[i]);
    const auto from = part.results.begin() + static_cast<std::ptrdiff_t>(i * width);
    all.results.insert(all.results.end(), from, from + static_cast<std::ptrdiff_t>(width));
    cost += part.costs[i] - before[p];
    before[p] = part.costs[i];
    all.costs.push_back(cost);
  }
  return all;
}

}  // namespace cardan::pipeline
