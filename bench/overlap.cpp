#include "limit.hpp"
#include "references.hpp"
#include "reports.hpp"
#include "statistics.hpp"
#include "table.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <utility>

namespace bench {

namespace {

constexpr std::array<double, 6> factors{0, 0.25, 0.5, 1, 2, 4};
constexpr std::int64_t steps = 48;
/// Steps that find an empty ring; they are sent but not counted.
constexpr std::int64_t filling = 16;

/// The producer's own work: it keeps the core busy and touches no memory.
void compute(double seconds)
{
  const double end = now() + seconds;
  while (now() < end) continue;
}

/// Seconds per step, averaged over one series: what a producer was held up, and all of it.
struct Held {
  double blocked = 0;
  double step = 0;
};

Held run_series(const Team& team, const Layout& layout, Way& way, double work, std::int64_t first)
{
  double blocked = 0;
  double begin = 0;
  double wrong = 0;
  MPI_Barrier(team.comm);
  way.begin(filling + steps);
  for (std::int64_t step = first; step < first + filling + steps; ++step) {
    if (!team.produces()) {
      const std::uint64_t sum = way.receive(
          step, [](std::span<const std::int64_t> data, const Values&) { return sum_of(data); });
      if (sum != way.values(step).sum(layout.mine)) ++wrong;
      continue;
    }
    if (step == first + filling) {
      begin = now();
      blocked = 0;
    }
    compute(work);
    blocked += way.time_send(step);
  }
  const double all = team.produces() ? now() - begin : 0;
  way.end();
  if (largest(team, wrong) > 0)
    throw cardan::Error::everywhere("a step was delivered with a wrong sum");
  return {largest(team, blocked) / steps, largest(team, all) / steps};
}

}  // namespace

void report_overlap(const Team& team, const Options& options, JsonLines& json)
{
  for (const std::int64_t bytes : options.bytes_or({1 << 20})) {
    if (!Layout::fits(team, bytes / 8)) continue;
    const Layout layout{team, bytes / 8};
    const Sources sources{team, layout};
    const Ends ends = make_ends(team, layout, sources);
    std::vector<Contestant> limit;
    limit.push_back({"limit", "", make_limit(team, layout, sources)});
    Race race{team, layout, std::move(limit)};
    const Plan plan = race.warm_up(Pattern::stream, options.effort);
    const double transfer = summarise(race.run(Pattern::stream, options.effort, plan)[0]).median;

    std::vector<Contestant> contestants;
    contestants.push_back({"send", "", make_send(team, layout, sources)});
    for (const auto transport : options.transports) {
      const auto link = make_link(team, layout, ends, transport);
      for (const auto mode : options.modes)
        contestants.push_back({cardan::to_string(transport), to_string(mode),
                               make_coupled(layout, ends, link, mode)});
    }
    // Indexed by contestant and factor; one value each round, and one series that warms up.
    const std::size_t count = contestants.size();
    std::vector<std::array<std::vector<double>, factors.size()>> blocked(count);
    auto whole = blocked;
    std::int64_t next = 0;
    for (int round = -1; round < options.effort.rounds; ++round) {
      if (team.speaks())
        show_progress(fmt::format("overlap {}, round {}", print_bytes(bytes), round + 1));
      for (std::size_t i = 0; i < count; ++i)
        for (std::size_t j = 0; j < factors.size(); ++j) {
          const Held held =
              run_series(team, layout, *contestants[i].way, factors[j] * transfer, next);
          next += filling + steps;
          if (round < 0) continue;
          blocked[i][j].push_back(held.blocked);
          whole[i][j].push_back(held.step);
        }
    }
    if (!team.speaks()) continue;
    clear_progress();
    fmt::print(
        "{} from each of {} producer(s) to {} consumer(s): time that a producer is held up in a "
        "step, by what it computes between\ntwo, in units of the {} that the limit takes for a "
        "step. What a claim builds in the slot is its own work.\n\n{:<11}{:<7}",
        print_bytes(bytes), team.producers, team.consumers, print_seconds(transfer), "transport",
        "mode");
    for (const double factor : factors) fmt::print("{:>10}", fmt::format("x {}", factor));
    fmt::print("\n");
    for (std::size_t i = 0; i < count; ++i) {
      fmt::print("{:<11}{:<7}", contestants[i].transport, contestants[i].mode);
      for (std::size_t j = 0; j < factors.size(); ++j) {
        const Summary held = summarise(blocked[i][j]);
        fmt::print("{:>10}", print_seconds(held.median));
        json.add({{"pattern", "overlap"},
                  {"transport", contestants[i].transport},
                  {"mode", contestants[i].mode},
                  {"producers", team.producers},
                  {"consumers", team.consumers},
                  {"bytes", bytes},
                  {"compute", factors[j] * transfer},
                  {"blocked", held.median},
                  {"spread", held.spread},
                  {"median", summarise(whole[i][j]).median},
                  {"limit_median", transfer},
                  {"rounds", options.effort.rounds},
                  {"steps", steps}});
      }
      fmt::print("\n");
    }
    fmt::print("\n");
  }
}

}  // namespace bench
