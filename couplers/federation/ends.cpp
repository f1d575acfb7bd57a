#include "couplers/federation/ends.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace cardan::federation {

namespace {

/// Slots of a ring: no more messages of `two_sided` are under way than their sender has buffers
/// for.
constexpr int depth = 3;

}  // namespace

Ends::Ends(const Context& context, const Settings& settings, const std::function<Facts()>& make)
{
  MPI_Comm everyone = context.everyone.get();
  const int me = mpi::rank(everyone);
  const bool simulates = context.mine().simulation;
  const auto simulation = context.all(&Roles::simulation);
  const int together = settings.ranks_per_silo;
  const auto first = context.first(&Roles::simulation);
  // Not one of them is ahead of another's error.
  mpi::together(everyone, context.deadline(), [&] {
    if (static_cast<int>(simulation.size()) % together != 0)
      throw context.run_file.table("federation")
          .table(settings.name)
          .error("ranks_per_silo", fmt::format("{} simulation ranks are no whole number of silos",
                                               simulation.size()));
    if (simulates) facts = make();
  });
  silos = static_cast<int>(simulation.size()) / together;
  const Facts mine = facts;
  facts = Facts::from_text(mpi::broadcast(everyone, mine.text(), first, context.deadline()));
  mpi::together(everyone, context.deadline(), [&] {
    if (simulates && mine.text() != facts.text())
      throw Error{
          fmt::format("the models of federation '{}' differ: {} weights, and {} of the first "
                      "silo",
                      settings.name, mine.weights, facts.weights),
          "silos open it with the same fields"};
  });
  if (simulates) {
    const auto place = std::find(simulation.begin(), simulation.end(), me) - simulation.begin();
    silo = static_cast<int>(place) / together;
    part = static_cast<int>(place) % together;
  }
  if (simulation.size() == context.roles.size()) return;

  int aggregator = 0;
  while (!context.roles[static_cast<std::size_t>(aggregator)].ml()) ++aggregator;
  aggregates = me == aggregator;
  const Codec codec{settings.compress, static_cast<std::size_t>(facts.weights), facts.dtype};
  const auto sizes = record_sizes(facts, codec.bytes());
  const auto largest = *std::max_element(sizes.begin(), sizes.end());
  const auto capacity = static_cast<std::int64_t>(std::max<std::size_t>(1, words_of(largest)));
  const auto model = static_cast<std::int64_t>(
      std::max<std::size_t>(1, words_of(std::max(facts.weights_bytes(), facts.tally_bytes()))));
  const auto open = [&](const char* what, bool out, std::int64_t words) {
    channel::Links links;
    links.capacity = words;
    for (std::size_t s = 0; s < simulation.size(); s += static_cast<std::size_t>(together)) {
      if (simulation[s] == me) (out ? links.out : links.in).push_back({aggregator, 0, words});
      if (aggregates) (out ? links.in : links.out).push_back({simulation[s], 0, words});
    }
    ChannelOptions options;
    options.name = settings.name + " " + what;
    options.deadline = context.settings.deadline;
    options.depth = depth;
    const std::vector<FieldSpec> record{{"record", Dtype::uint64, {words}, {}, {}}};
    const std::vector<FieldSpec> none;
    return std::make_unique<channel::Lanes>(
        everyone, options, context.choice,
        channel::End{links.out.empty() ? none : record, links.in.empty() ? none : record}, links);
  };
  up = open("updates", true, capacity);
  down = open("models", false, model);
}

void Ends::close()
{
  for (auto* lanes : {&up, &down})
    if (*lanes) (*lanes)->close();
}

void Ends::abandon() noexcept
{
  for (auto* lanes : {&up, &down})
    if (*lanes) (*lanes)->abandon();
}

}  // namespace cardan::federation
