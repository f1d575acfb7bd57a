#include "couplers/closure/streams.hpp"

#include "couplers/closure/rows.hpp"

#include <algorithm>

namespace cardan::closure {

Signature Binding::signature() const
{
  return {width_of(inputs), width_of(outputs)};
}

std::int64_t Binding::capacity() const
{
  return inputs.empty() || inputs.front().shape.rank() == 0 ? 0 : inputs.front().shape[0];
}

namespace {

std::vector<FieldSpec> with_samples(std::vector<FieldSpec> fields, std::int64_t samples)
{
  for (auto& field : fields)
    if (field.shape.rank() > 0) field.shape[0] = samples;
  return fields;
}

/// Inputs and outputs side by side; a field may be both, so their names are told apart.
std::vector<FieldSpec> joined(const Binding& binding)
{
  std::vector<FieldSpec> all;
  for (auto field : binding.inputs) {
    field.name = "input " + field.name;
    all.push_back(field);
  }
  for (auto field : binding.outputs) {
    field.name = "output " + field.name;
    all.push_back(field);
  }
  return all;
}

/// Collective: simulation rank 0's fields and the largest number of samples of any rank, on all
/// ranks.
Binding share(const Context& context, const Binding& mine)
{
  const auto ends = channel::gather(context.everyone.get(), {mine.inputs, mine.outputs});
  std::int64_t most = 0;
  for (const auto& end : ends)
    for (const auto& field : end.produced)
      if (field.shape.rank() > 0) most = std::max(most, field.shape[0]);
  const auto& first = ends[static_cast<std::size_t>(context.first(&Roles::simulation))];
  return {with_samples(first.produced, most), with_samples(first.consumed, most)};
}

}  // namespace

void check_alike(const Context& context, const SurrogateSettings& settings, const Binding& mine)
{
  for (const auto& fields : {mine.inputs, mine.outputs})
    channel::check(settings.name, channel::gather(context.part.get(), {fields, fields}));
}

// The order of opening is the same on all ranks, as each is collective. A reply's lane holds as
// many samples as the largest part that one inference rank can be asked for by one simulation rank.
Streams::Streams(const Context& context, const SurrogateSettings& settings, const Binding& mine,
                 const std::function<std::size_t(const Binding&)>& prepare)
{
  const Roles& roles = context.mine();
  MPI_Comm everyone = context.everyone.get();
  fields = share(context, mine);
  const int simulating = context.count(&Roles::simulation);
  const int inferring = context.count(&Roles::inference);
  const Binding any{with_samples(fields.inputs, 0), with_samples(fields.outputs, 0)};
  const std::int64_t part = (fields.capacity() + inferring - 1) / inferring;

  const auto open = [&](const char* what, const channel::End& end) {
    const ChannelOptions options{settings.name + " " + what, 0, context.settings.deadline,
                                 context.settings.transport};
    return std::make_unique<channel::Lanes>(everyone, options, end);
  };
  const auto when = [](bool role, std::vector<FieldSpec> list) {
    return role ? std::move(list) : std::vector<FieldSpec>{};
  };

  request =
      open("request", {when(roles.simulation, mine.inputs), when(roles.inference, any.inputs)});
  observation = open("observation",
                     {when(roles.simulation, joined(mine)), when(roles.training, joined(any))});
  const auto replies = [&](std::int64_t samples) {
    auto list = with_samples(fields.outputs, samples);
    list.push_back({"verdict", Dtype::int32, {samples}, {}});
    return list;
  };
  reply = open("reply", {when(roles.inference, replies(part * simulating)),
                         when(roles.simulation, replies(0))});

  std::size_t state_bytes = 0;
  mpi::together(everyone, context.deadline(), [&] {
    if (roles.ml()) state_bytes = prepare(fields);
  });
  const auto numbers = static_cast<std::int64_t>((state_bytes + 7) / 8);
  const bool publishes = roles.training && mpi::rank(everyone) == context.first(&Roles::training);
  const auto state = [](std::int64_t samples) {
    return std::vector<FieldSpec>{{"state", Dtype::float64, {samples}, {}}};
  };
  weights = open("weights",
                 {when(publishes, state(numbers * inferring)), when(roles.inference, state(0))});
}

void Streams::close()
{
  for (auto* lanes : {&request, &observation, &reply, &weights})
    if (*lanes) (*lanes)->close();
}

void Streams::abandon() noexcept
{
  for (auto* lanes : {&request, &observation, &reply, &weights})
    if (*lanes) (*lanes)->abandon();
}

}  // namespace cardan::closure
