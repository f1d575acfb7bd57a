#include "reports.hpp"
#include "sources.hpp"
#include "statistics.hpp"
#include "table.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace bench {

namespace {

constexpr std::array<int, 5> sizes{4, 8, 16, 32, 64};
constexpr std::int64_t steps = 50;

/// A chain: consumers hold as much as producers do, shifted by half of it, so that each rank
/// overlaps two others at most.
Part part_of(const Team& team, std::int64_t per_producer)
{
  if (team.produces()) return {per_producer * team.rank, per_producer};
  const std::int64_t half = per_producer / 2;
  const int consumer = team.consumer();
  const std::int64_t first = consumer == 0 ? 0 : per_producer * consumer + half;
  const std::int64_t last = consumer + 1 == team.consumers ? per_producer * team.producers
                                                           : per_producer * (consumer + 1) + half;
  return {first, last - first};
}

/// The largest over all ranks, but for the time, which all share.
struct Cost {
  double messages = 0;
  double peers = 0;
  double window_bytes = 0;
  double seconds = 0;
};

Cost measure(const Team& team, std::int64_t per_producer, cardan::TransportKind transport)
{
  const Part part = part_of(team, per_producer);
  const cardan::Box box{{per_producer * team.producers}, {part.first}, {part.count}};
  const std::vector<cardan::FieldSpec> declared{{"u", cardan::Dtype::int64, box.count, box}};
  const std::vector<cardan::FieldSpec> none;
  cardan::ChannelOptions options;
  options.name = "chain";
  options.transport = transport;
  cardan::Channel channel{team.comm, options, team.produces() ? declared : none,
                          team.produces() ? none : declared};
  Buffer buffer{team.produces() ? part.count : 0};
  const cardan::NamedField field{
      "u", team.produces() ? cardan::Field(buffer.span()).in(box) : cardan::Field(buffer.span())};
  double wrong = 0;
  MPI_Barrier(team.comm);
  const double begin = now();
  for (std::int64_t step = 0; step < steps; ++step) {
    const Values values = Values::built(step);
    if (team.produces()) {
      values.fill(buffer.span(), part.first);
      channel.put(step, {&field, 1});
      continue;
    }
    const auto arrival = channel.peek();
    const cardan::Field arrived = arrival->field("u");
    const std::span<const std::int64_t> data{static_cast<const std::int64_t*>(arrived.data()),
                                             static_cast<std::size_t>(part.count)};
    if (sum_of(data) != values.sum(part)) ++wrong;
  }
  const double last = largest(team, now());
  if (largest(team, wrong) > 0)
    throw cardan::Error::everywhere("a step was delivered with a wrong sum");
  return {largest(team, static_cast<double>(channel.counters().written) / steps),
          largest(team, channel.peers()),
          largest(team, static_cast<double>(channel.window_bytes())),
          (last - smallest(team, begin)) / steps};
}

}  // namespace

void report_scaling(MPI_Comm world, const Options& options, JsonLines& json)
{
  int ranks = 0;
  int rank = 0;
  MPI_Comm_size(world, &ranks);
  MPI_Comm_rank(world, &rank);
  const std::int64_t bytes = options.bytes_or({64 << 10}).front();
  const std::int64_t per_producer = std::max<std::int64_t>(2, bytes / 8);
  if (rank == 0)
    fmt::print(
        "A chain: half of the ranks send {} each, and each overlaps two consumers at most. Of a "
        "rank, where it is most: deliveries\nper step, other ranks that it knows, memory in "
        "windows. The time is of ranks that share the cores.\n\n{:>6}  {:<11}{:>12}{:>12}{:>8}"
        "{:>14}{:>12}\n",
        print_bytes(per_producer * 8), "ranks", "transport", "bytes/step", "deliveries", "peers",
        "window bytes", "time/step");
  for (const int size : sizes) {
    if (size > ranks) break;
    Team team = make_team(world, size / 2, size / 2);
    if (team.comm != MPI_COMM_NULL)
      for (const auto transport : options.transports) {
        if (team.speaks()) show_progress(fmt::format("scaling {} ranks", size));
        const Cost cost = measure(team, per_producer, transport);
        if (!team.speaks()) continue;
        clear_progress();
        const std::int64_t all_bytes = per_producer * 8 * team.producers;
        fmt::print("{:>6}  {:<11}{:>12}{:>12.2f}{:>8.0f}{:>14.0f}{:>12}\n", size,
                   cardan::to_string(transport), all_bytes, cost.messages, cost.peers,
                   cost.window_bytes, print_seconds(cost.seconds));
        json.add({{"pattern", "scaling"},
                  {"transport", cardan::to_string(transport)},
                  {"mode", "put"},
                  {"producers", team.producers},
                  {"consumers", team.consumers},
                  {"bytes", per_producer * 8},
                  {"bytes_per_step", all_bytes},
                  {"messages_per_step", cost.messages},
                  {"peers", cost.peers},
                  {"window_bytes", cost.window_bytes},
                  {"median", cost.seconds},
                  {"steps", steps}});
      }
    disband(world, team);
  }
}

}  // namespace bench
