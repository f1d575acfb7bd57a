#include "race.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace bench {

namespace {

/// Sends all steps; counts decisions that do not follow from the field.
std::int64_t produce(const Layout& layout, Way& way, Pattern pattern, std::int64_t first,
                     std::int64_t steps)
{
  std::int64_t wrong = 0;
  std::vector<Decision> decisions(layout.lanes.size());
  for (std::int64_t step = first; step < first + steps; ++step) {
    way.send(step);
    if (pattern == Pattern::stream) continue;
    way.await(decisions);
    const Values values = way.values(step);
    for (std::size_t i = 0; i < decisions.size(); ++i)
      if (decisions[i] != decide(step, values.sum(layout.lanes[i].part))) ++wrong;
  }
  return wrong;
}

/// Receives all steps; counts those with a wrong sum.
std::int64_t consume(const Layout& layout, Way& way, Pattern pattern, std::int64_t first,
                     std::int64_t steps, const Read& read)
{
  std::int64_t wrong = 0;
  for (std::int64_t step = first; step < first + steps; ++step) {
    const std::uint64_t sum = way.receive(step, read);
    if (pattern == Pattern::round_trip) way.answer(step, decide(step, sum));
    if (sum != way.values(step).sum(layout.mine)) ++wrong;
  }
  return wrong;
}

std::uint64_t sum_up(std::span<const std::int64_t> data, const Values& /*values*/)
{
  return sum_of(data);
}

}  // namespace

const char* to_string(Pattern pattern)
{
  return pattern == Pattern::stream ? "stream" : "round_trip";
}

Race::Race(const Team& team, const Layout& layout, std::vector<Contestant> contestants)
    : team_(team), layout_(layout), contestants_(std::move(contestants))
{}

double Race::time(const Contestant& contestant, Pattern pattern, std::int64_t steps,
                  const Read& read)
{
  Way& way = *contestant.way;
  MPI_Barrier(team_.comm);
  const double begin = now();
  way.begin(steps);
  const std::int64_t wrong = team_.produces() ? produce(layout_, way, pattern, next_, steps)
                                              : consume(layout_, way, pattern, next_, steps, read);
  way.end();
  const double end = now();
  // One clock for all ranks of a node: from the first that begins to the last that ends.
  std::array<double, 3> all{begin, -end, -static_cast<double>(wrong)};
  MPI_Allreduce(MPI_IN_PLACE, all.data(), static_cast<int>(all.size()), MPI_DOUBLE, MPI_MIN,
                team_.comm);
  if (all[2] < 0)
    throw cardan::Error::everywhere(fmt::format(
        "{} {} delivered wrong data in {} of the steps {} to {} ({} with {} producer(s) and {} "
        "consumer(s), {} bytes from each)",
        contestant.transport, contestant.mode, -all[2], next_, next_ + steps - 1,
        to_string(pattern), team_.producers, team_.consumers,
        layout_.per_producer * static_cast<std::int64_t>(sizeof(std::int64_t))));
  next_ += steps;
  return -all[1] - all[0];
}

void Race::verify(Pattern pattern, const Read& compare)
{
  const Part part = layout_.mine;
  const Read dense = [part](std::span<const std::int64_t> data, const Values& values) {
    return values.compare(data, part);
  };
  // More than the rings of small fields have slots, so that each is seen, and seen again.
  const std::int64_t steps = layout_.per_producer <= 1 << 16 ? 40 : 5;
  for (const Contestant& contestant : contestants_)
    time(contestant, pattern, steps, compare ? compare : dense);
}

Plan Race::warm_up(Pattern pattern, const Effort& effort)
{
  constexpr std::int64_t most = 1 << 17;
  // A core that ranks share changes hands every few milliseconds: a round of small steps must be
  // longer than that, whatever the contestants make of it.
  const std::int64_t fewest =
      layout_.per_producer <= 512 ? std::max<std::int64_t>(effort.fewest, 256) : effort.fewest;
  std::int64_t steps = fewest;
  double seconds = time(contestants_.front(), pattern, steps, sum_up);
  while (seconds < effort.round / 4 && steps < most) {
    steps *= 4;
    seconds = time(contestants_.front(), pattern, steps, sum_up);
  }
  const auto wanted = [&](double of_seconds, std::int64_t of_steps) {
    const double fitting = effort.round * static_cast<double>(of_steps) / of_seconds;
    return std::clamp(static_cast<std::int64_t>(std::ceil(fitting)), fewest, most);
  };
  steps = wanted(seconds, steps);
  // The slowest decide too, lest one of them takes all the time.
  const std::int64_t tried = std::max(fewest, steps / 8);
  double together = 0;
  for (const Contestant& contestant : contestants_)
    together += time(contestant, pattern, tried, sum_up);
  const double each = together / static_cast<double>(contestants_.size());
  constexpr double patience = 3;
  steps = std::min(steps, wanted(each / patience, tried));
  return {steps,
          together * static_cast<double>(steps * effort.rounds) / static_cast<double>(tried)};
}

std::vector<std::vector<double>> Race::run(Pattern pattern, const Effort& effort, const Plan& plan)
{
  const std::size_t count = contestants_.size();
  std::vector<std::vector<double>> times(count);
  for (int round = 0; round < effort.rounds; ++round) {
    for (std::size_t turn = 0; turn < count; ++turn) {
      const std::size_t i = (turn + static_cast<std::size_t>(round)) % count;
      const double seconds = time(contestants_[i], pattern, plan.steps, sum_up);
      times[i].push_back(seconds / static_cast<double>(plan.steps));
    }
  }
  return times;
}

}  // namespace bench
