#include "limit.hpp"
#include "references.hpp"
#include "reports.hpp"
#include "statistics.hpp"
#include "table.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <unistd.h>
#include <utility>

namespace bench {

namespace {

constexpr std::size_t limit = 0;
constexpr std::size_t raw = 1;
constexpr std::size_t send = 2;
constexpr std::size_t references = 3;

/// Bytes that all ranks together hold for one size: sources, the references' slots, and for each
/// transport as much again as a ring of two and memory to claim from.
double memory_for(const Options& options, double bytes)
{
  const auto transports = static_cast<double>(options.transports.size());
  return bytes * options.producers * (Values::arrays + 3 * slots + transports * (slots + 1));
}

double memory_there()
{
  return static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

/// Why a size is left out, before anything was measured; empty where it is not.
std::string reason_against(const Team& team, const Options& options, std::int64_t bytes)
{
  if (!Layout::fits(team, bytes / 8)) return "fewer elements than consumers";
  constexpr double part = 0.7;
  if (memory_for(options, static_cast<double>(bytes)) > part * memory_there())
    return "more memory than there is";
  return {};
}

class Comparison {
 public:
  Comparison(const Team& team, const Options& options, JsonLines& json)
      : team_(team), options_(options), json_(json)
  {}

  void run(std::int64_t bytes)
  {
    const Layout layout{team_, bytes / 8};
    const Sources sources{team_, layout};
    const Ends ends = make_ends(team_, layout, sources);
    std::vector<Contestant> contestants;
    contestants.push_back({"limit", "", make_limit(team_, layout, sources)});
    contestants.push_back({"raw put", "", make_raw_put(team_, layout, sources)});
    contestants.push_back({"send", "", make_send(team_, layout, sources)});
    for (const auto transport : options_.transports) {
      const auto link = make_link(team_, layout, ends, transport);
      for (const auto mode : options_.modes)
        contestants.push_back({cardan::to_string(transport), to_string(mode),
                               make_coupled(layout, ends, link, mode)});
    }
    Race race{team_, layout, std::move(contestants)};
    for (const auto pattern : options_.patterns) {
      const std::string what = fmt::format("{} {}", to_string(pattern), print_bytes(bytes));
      if (team_.speaks()) show_progress(what);
      race.verify(pattern);
      const Plan plan = race.warm_up(pattern, options_.effort);
      if (exhausted(plan.seconds)) {
        leave_out(what, "it would not be done within a minute; without --quick it is measured");
        continue;
      }
      const auto times = race.run(pattern, options_.effort, plan);
      if (team_.speaks()) tell(race, pattern, bytes, plan, times);
    }
  }

  void leave_out(const std::string& what, const std::string& reason) const
  {
    if (!team_.speaks()) return;
    clear_progress();
    fmt::print(stderr, "{} is left out ({})\n", what, reason);
  }

  /// Collective: whether so many seconds more would be too many.
  [[nodiscard]] bool exhausted(double seconds) const
  {
    if (options_.budget == 0) return false;
    return largest(team_, now() - begin_ + seconds) > options_.budget;
  }

 private:
  void tell(const Race& race, Pattern pattern, std::int64_t bytes, const Plan& plan,
            const std::vector<std::vector<double>>& times)
  {
    // In a stream the rates are compared, in a round trip the times.
    const auto compare_to = [&](std::size_t reference, std::size_t i) {
      return summarise(pattern == Pattern::stream ? ratios(times[reference], times[i])
                                                  : ratios(times[i], times[reference]));
    };
    const double all_bytes = static_cast<double>(bytes) * team_.producers;
    for (std::size_t i = 0; i < times.size(); ++i) {
      const Contestant& contestant = race.contestants()[i];
      Row row;
      row.pattern = to_string(pattern);
      row.transport = contestant.transport;
      row.mode = contestant.mode;
      row.ranks = fmt::format("{}+{}", team_.producers, team_.consumers);
      row.bytes = print_bytes(bytes);
      row.seconds = summarise(times[i]).median;
      row.gigabytes = all_bytes / row.seconds * 1e-9;
      if (i != limit) row.to_limit = compare_to(limit, i);
      if (i > raw) row.to_raw = compare_to(raw, i);
      print_row(row);
      if (i < references) continue;
      json_.add({{"pattern", row.pattern},
                 {"transport", row.transport},
                 {"mode", row.mode},
                 {"producers", team_.producers},
                 {"consumers", team_.consumers},
                 {"bytes", bytes},
                 {"ratio_to_limit", row.to_limit->median},
                 {"spread", row.to_limit->spread},
                 {"ratio_to_raw", row.to_raw->median},
                 {"spread_to_raw", row.to_raw->spread},
                 {"median", row.seconds},
                 {"limit_median", summarise(times[limit]).median},
                 {"raw_median", summarise(times[raw]).median},
                 {"send_median", summarise(times[send]).median},
                 {"send_ratio_to_limit", compare_to(limit, send).median},
                 {"rounds", options_.effort.rounds},
                 {"steps", plan.steps}});
    }
  }

  Team team_;
  const Options& options_;
  JsonLines& json_;
  double begin_ = now();
};

}  // namespace

void compare(const Team& team, const Options& options, JsonLines& json)
{
  if (team.speaks()) {
    fmt::print(
        "Ratios are medians over {} rounds with their interquartile ranges. stream: rate over the "
        "reference's, higher is better;\nround_trip: time over the reference's, lower is "
        "better.\n\n",
        options.effort.rounds);
    print_head();
  }
  Comparison comparison{team, options, json};
  for (const std::int64_t bytes : options.bytes_or({ladder.begin(), ladder.end()})) {
    const std::string reason = reason_against(team, options, bytes);
    if (reason.empty())
      comparison.run(bytes);
    else
      comparison.leave_out(print_bytes(bytes), reason);
  }
  if (team.speaks()) clear_progress();
}

}  // namespace bench
