#include "figures.hpp"

#include "functions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace adapt {

std::vector<Group> grouped(const std::vector<Episode>& episodes)
{
  std::vector<Group> groups;
  for (const auto& episode : episodes) {
    const Plan& plan = episode.plan;
    auto found = std::find_if(groups.begin(), groups.end(), [&](const Group& group) {
      return group.task == plan.task && group.method == plan.method;
    });
    if (found == groups.end())
      found = groups.insert(groups.end(), Group{plan.task, plan.method, {}});
    found->runs.push_back(&episode);
  }
  return groups;
}

const Group* other(const std::vector<Group>& groups, const Group& group, const std::string& method)
{
  for (const auto& one : groups)
    if (one.task == group.task && one.method == method) return &one;
  return nullptr;
}

std::optional<double> median(std::vector<std::optional<double>> values)
{
  if (values.empty()) return std::nullopt;
  std::sort(values.begin(), values.end(), [](const auto& a, const auto& b) {
    return a.value_or(INFINITY) < b.value_or(INFINITY);
  });
  const auto& high = values[values.size() / 2];
  const auto& low = values[(values.size() - 1) / 2];
  if (!high || !low) return std::nullopt;
  return 0.5 * (*low + *high);
}

std::vector<Best> bests_of(const Episode& episode)
{
  std::vector<Best> bests;
  double least = INFINITY;
  for (const auto& record : episode.report.records) {
    if (!(record.loss < least)) continue;
    least = record.loss;
    const auto trial = static_cast<std::size_t>(record.trial);
    const double regret = trial < episode.truths.size()
                              ? episode.truths[trial] - lowest(episode.plan.task)
                              : record.loss;
    bests.push_back({record.seconds, record.total_epochs, record.loss, regret});
  }
  return bests;
}

std::optional<double> regret_of(const Episode& episode)
{
  const auto bests = bests_of(episode);
  if (bests.empty()) return std::nullopt;
  return bests.back().regret;
}

std::optional<double> epochs_to_target(const Episode& episode)
{
  if (episode.report.epochs_to_target < 0) return std::nullopt;
  return static_cast<double>(episode.report.epochs_to_target);
}

std::optional<double> seconds_to_target(const Episode& episode)
{
  if (episode.report.seconds_to_target < 0) return std::nullopt;
  return episode.report.seconds_to_target;
}

std::optional<double> median_epochs_to_target(const Group& group)
{
  std::vector<std::optional<double>> values;
  values.reserve(group.runs.size());
  for (const auto* run : group.runs) values.push_back(epochs_to_target(*run));
  return median(values);
}

std::optional<double> median_regret(const Group& group)
{
  std::vector<std::optional<double>> values;
  values.reserve(group.runs.size());
  for (const auto* run : group.runs) values.push_back(regret_of(*run));
  return median(values);
}

std::optional<Ratio> ratio_to_random(const std::vector<Group>& groups, const Group& group)
{
  const Group* random = other(groups, group, "random");
  const auto mine = median_epochs_to_target(group);
  if (random == nullptr || random == &group || !mine || !(*mine > 0)) return std::nullopt;
  if (const auto its = median_epochs_to_target(*random)) return Ratio{*its / *mine, false};
  std::vector<std::optional<double>> all;
  all.reserve(random->runs.size());
  for (const auto* run : random->runs) {
    const auto reached = epochs_to_target(*run);
    all.emplace_back(reached ? *reached : static_cast<double>(run->report.total_epochs));
  }
  return Ratio{*median(all) / *mine, true};
}

std::optional<double> final_loss(const Episode& episode, double share)
{
  std::vector<double> losses;
  for (const auto& record : episode.report.records)
    if (record.verdict == cardan::TuningVerdict::finish) losses.push_back(record.loss);
  if (losses.empty()) return std::nullopt;
  std::sort(losses.begin(), losses.end());
  const double at = share * static_cast<double>(losses.size() - 1);
  const auto low = static_cast<std::size_t>(at);
  const auto high = std::min(low + 1, losses.size() - 1);
  return losses[low] + (at - static_cast<double>(low)) * (losses[high] - losses[low]);
}

std::string best_values(const Episode& episode)
{
  if (episode.report.best < 0) return "none";
  const auto values = episode.report.values_of(episode.report.best);
  std::string text;
  for (std::size_t i = 0; i < std::min(values.size(), episode.names.size()); ++i) {
    const auto& words = episode.words[i];
    const auto word = static_cast<std::size_t>(std::max(0.0, values[i]));
    text += fmt::format("{}{} {}", i == 0 ? "" : ", ", episode.names[i],
                        word < words.size() ? words[word] : fmt::format("{:.4g}", values[i]));
  }
  return text;
}

}  // namespace adapt
