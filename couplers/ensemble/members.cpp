#include "couplers/ensemble/members.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace cardan::ensemble {

namespace {

constexpr std::size_t latencies_kept = 65536;
/// Seconds that ranks wait for each other's segments, in units of the run's deadline.
constexpr double patience = 10;

Deal deal_of(const Context& context, const EnsembleSettings& settings)
{
  return {settings.members, settings.ranks_per_member, context.count(&Roles::simulation)};
}

}  // namespace

steering::Declaration declaration_of(const Context& context, const EnsembleSettings& settings,
                                     const std::optional<EnsembleShape>& shape)
{
  const int teams = std::max(1, deal_of(context, settings).teams());
  const int most = (settings.members + teams - 1) / teams;
  steering::Declaration declared;
  declared.name = settings.name;
  declared.to_first = true;
  // Two for each member of a rank; where members have several ranks, the others lag behind the
  // first one.
  declared.report_depth = std::max(4, 2 * most);
  declared.decision_depth = std::max(4, (settings.ranks_per_member > 1 ? 4 : 2) * most);
  if (shape) {
    declared.report = report_fields(*shape);
    declared.decision = decision_fields(*shape);
  }
  return declared;
}

void check_ranks(const Context& context, const EnsembleSettings& settings)
{
  const Deal deal = deal_of(context, settings);
  if (deal.teams() >= 1) return;
  throw context.run_file.table("ensemble")
      .table(settings.name)
      .error("ranks_per_member", fmt::format("there are {} simulation ranks", deal.ranks),
             "Start more ranks, or set it to that or less.");
}

void check_shape(const Context& context, const EnsembleSettings& settings,
                 const EnsembleShape& shape)
{
  mpi::together(context.part.get(), context.deadline(), [&] {
    if (shape.descriptor >= 1 && shape.state >= 1) return;
    throw Error{fmt::format("ensemble '{}' is opened with descriptors of {} and states of {} "
                            "numbers",
                            settings.name, shape.descriptor, shape.state),
                "both must have at least one"};
  });
  steering::check_declaration(context, declaration_of(context, settings, shape));
}

Members::Members(const Context& context, const EnsembleSettings& settings,
                 const EnsembleShape& shape)
    : context_(context),
      settings_(settings),
      shape_(shape),
      alarm_(context.part.get()),
      team_(context.part.get(), deal_of(context, settings), alarm_,
            patience * context.settings.deadline),
      client_(context, declaration_of(context, settings, shape)),
      descriptor_(static_cast<std::size_t>(shape.descriptor)),
      state_(static_cast<std::size_t>(shape.state)),
      fields_{Field{&kind_, Extents{}}, Field{&objective_, Extents{}}, Field{descriptor_},
              Field{state_}}
{
  for (const int number : team_.members()) {
    Member member;
    member.number = number;
    member.weight = 1.0 / settings.members;
    if (client_.coupled()) member.waiting.state.resize(state_.size());
    records_.push_back(std::move(member));
  }
  if (client_.coupled()) latencies_.resize(latencies_kept);
}

void Members::abandon() noexcept
{
  client_.abandon();
  alarm_.abandon();
  team_.abandon();
  if (log_) log_->abandon();
}

const Member& Members::member(int member) const
{
  const auto found = std::find_if(records_.begin(), records_.end(),
                                  [&](const Member& each) { return each.number == member; });
  if (found != records_.end()) return *found;
  throw Error{fmt::format("member {} of ensemble '{}' is asked for", member, settings_.name),
              "this rank does not run it"};
}

std::vector<Ensemble::Latency> Members::latencies() const
{
  const auto begin = latencies_.begin();
  const auto latest = begin + static_cast<std::ptrdiff_t>(latest_);
  std::vector<Ensemble::Latency> all;
  if (wrapped_) all.assign(latest, latencies_.end());
  all.insert(all.end(), begin, latest);
  return all;
}

}  // namespace cardan::ensemble
