#include "couplers/steering/ends.hpp"

#include "channel/node.hpp"
#include "couplers/steering/wire.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace cardan::steering {

namespace {

/// A slot holds one sample of each feature; behind them what is not the caller's.
std::vector<FieldSpec> specs_of(const Features& features)
{
  std::vector<FieldSpec> specs;
  for (const auto& feature : features) {
    std::vector<std::int64_t> shape{1};
    shape.insert(shape.end(), feature.shape.begin(), feature.shape.end());
    specs.push_back({feature.name, feature.dtype, Extents{shape}, {}, {}});
  }
  return specs;
}

std::vector<FieldSpec> report_specs(const Features& report)
{
  auto specs = specs_of(report);
  // A channel has fields; a report may be nothing but its stamp.
  if (specs.empty()) specs.push_back({"(nothing)", Dtype::uint8, {1}, {}, {}});
  return specs;
}

std::vector<FieldSpec> decision_specs(const Features& decision)
{
  auto specs = specs_of(decision);
  specs.push_back({"(reason)", Dtype::uint8, {1, reason_bytes}, {}, {}});
  return specs;
}

Features features_of(const std::vector<FieldSpec>& specs, std::size_t count)
{
  Features features;
  for (std::size_t f = 0; f < count; ++f) {
    const Extents tail = specs[f].shape.tail();
    Feature feature{specs[f].name, specs[f].dtype, {}};
    for (int d = 0; d < tail.rank(); ++d) feature.shape.push_back(tail[d]);
    features.push_back(std::move(feature));
  }
  return features;
}

/// Collective: the first simulation rank's fields, on all ranks.
Declaration share(const Context& context, const Declaration& mine)
{
  const int first = context.first(&Roles::simulation);
  const auto of_first = [&](const Features& features) {
    const auto specs = channel::unpack(mpi::broadcast(
        context.everyone.get(), channel::pack(specs_of(features)), first, context.deadline()));
    return features_of(specs, specs.size());
  };
  Declaration shared = mine;
  shared.report = of_first(mine.report);
  shared.decision = of_first(mine.decision);
  return shared;
}

std::vector<int> deciders_of(const Context& context, const Declaration& declared)
{
  std::vector<int> ml;
  for (std::size_t r = 0; r < context.roles.size(); ++r)
    if (context.roles[r].ml()) ml.push_back(static_cast<int>(r));
  // A decider that nobody reports to has nothing to decide from.
  const auto most =
      static_cast<std::size_t>(declared.to_first ? 1 : context.count(&Roles::simulation));
  if (ml.size() > most) ml.resize(most);
  return ml;
}

/// Slots of a ring. A message of `two_sided` that is not small waits for its reader: no more of
/// them are under way than its sender has buffers for, so that neither end ever waits.
int depth_of(const Context& context, int wanted, const std::vector<FieldSpec>& specs)
{
  constexpr std::int64_t small = 2048;
  constexpr int buffers = 3;
  std::int64_t bytes = 0;
  for (const auto& spec : specs) bytes += spec.shape.product() * size_of(spec.dtype);
  const bool messages = context.choice.on_node == TransportKind::two_sided ||
                        context.choice.between == TransportKind::two_sided;
  return messages && bytes > small ? std::min(wanted, buffers) : wanted;
}

}  // namespace

void check_declaration(const Context& context, const Declaration& mine)
{
  mpi::together(context.part.get(), context.deadline(), [&] {
    if (mine.decision.empty())
      throw Error{fmt::format("'{}' is opened without a decision", mine.name),
                  "at least one field is needed"};
    for (const auto* features : {&mine.report, &mine.decision})
      for (auto feature = features->begin(); feature != features->end(); ++feature) {
        const auto refuse = [&](const std::string& why) {
          throw Error{fmt::format("field '{}' of {} '{}' is declared with shape {}", feature->name,
                                  features == &mine.report ? "reports to" : "decisions of",
                                  mine.name, to_string(Extents{feature->shape})),
                      why};
        };
        if (feature->shape.size() >= max_rank)
          throw Error{fmt::format("field '{}' of '{}' is declared with {} dimensions",
                                  feature->name, mine.name, feature->shape.size()),
                      fmt::format("{} at most", max_rank - 1)};
        if (std::any_of(feature->shape.begin(), feature->shape.end(),
                        [](std::int64_t extent) { return extent < 1; }))
          refuse("every extent must be positive");
        if (std::any_of(features->begin(), feature,
                        [&](const Feature& other) { return other.name == feature->name; }))
          refuse("another field has that name");
      }
  });
  for (const auto& specs : {report_specs(mine.report), decision_specs(mine.decision)})
    static_cast<void>(channel::agree_on_fields(context.part.get(), mine.name, {specs, specs},
                                               context.deadline()));
}

Ends::Ends(const Context& context, const Declaration& mine)
    : declared(mine), simulation(context.all(&Roles::simulation))
{
  if (simulation.size() == context.roles.size()) return;
  declared = share(context, mine);
  deciders = deciders_of(context, declared);

  MPI_Comm everyone = context.everyone.get();
  const int me = mpi::rank(everyone);
  const auto found = std::find(deciders.begin(), deciders.end(), me);
  if (found != deciders.end()) index = static_cast<int>(found - deciders.begin());

  one_clock = channel::Node{everyone}.alone();

  channel::Links there;
  channel::Links back;
  there.capacity = back.capacity = 1;
  for (std::size_t s = 0; s < simulation.size(); ++s) {
    const std::size_t d = s % deciders.size();
    if (simulation[s] == me) {
      there.out.push_back({deciders[d], 0, 1});
      for (const int decider : deciders) back.in.push_back({decider, 0, 1});
    }
    if (index < 0) continue;
    back.out.push_back({simulation[s], 0, 1});
    if (d != static_cast<std::size_t>(index)) continue;
    there.in.push_back({simulation[s], 0, 1});
    reporters.push_back(static_cast<int>(s));
  }
  const auto open = [&](const char* what, int depth, const std::vector<FieldSpec>& specs, bool puts,
                        bool takes, const channel::Links& links) {
    ChannelOptions options;
    options.name = declared.name + " " + what;
    options.deadline = context.settings.deadline;
    options.depth = depth_of(context, depth, specs);
    const std::vector<FieldSpec> none;
    return std::make_unique<channel::Lanes>(everyone, options, context.choice,
                                            channel::End{puts ? specs : none, takes ? specs : none},
                                            links);
  };
  const bool simulates = context.mine().simulation;
  reports = open("reports", declared.report_depth, report_specs(declared.report), simulates,
                 index >= 0, there);
  decisions = open("decisions", declared.decision_depth, decision_specs(declared.decision),
                   index >= 0, simulates, back);
}

void Ends::close()
{
  for (auto* lanes : {&reports, &decisions})
    if (*lanes) (*lanes)->close();
}

void Ends::abandon() noexcept
{
  for (auto* lanes : {&reports, &decisions})
    if (*lanes) (*lanes)->abandon();
}

}  // namespace cardan::steering
