#include "couplers/closure/streams.hpp"

#include "couplers/closure/field_samples.hpp"

#include <algorithm>

namespace cardan::closure {

Signature Binding::signature() const
{
  return {features_of(inputs), features_of(outputs)};
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
  MPI_Comm everyone = context.everyone.get();
  std::int64_t most = 0;
  for (const auto& fields : {mine.inputs, mine.outputs})
    for (const auto& field : fields)
      if (field.shape.rank() > 0) most = std::max(most, field.shape[0]);
  most = mpi::largest(everyone, most, context.deadline());
  const int first = context.first(&Roles::simulation);
  const auto of_first = [&](const std::vector<FieldSpec>& fields) {
    return channel::unpack(
        mpi::broadcast(everyone, channel::pack(fields), first, context.deadline()));
  };
  Binding shared;
  shared.inputs = with_samples(of_first(mine.inputs), most);
  shared.outputs = with_samples(of_first(mine.outputs), most);
  return shared;
}

}  // namespace

void check_alike(const Context& context, const SurrogateSettings& settings, const Binding& mine)
{
  for (const auto& fields : {mine.inputs, mine.outputs})
    static_cast<void>(channel::agree_on_fields(context.part.get(), settings.name, {fields, fields},
                                               context.deadline()));
}

// The order of opening is the same on all ranks, as each is collective. A reply goes the way of its
// request, backwards, and holds as many samples.
Streams::Streams(const Context& context, const SurrogateSettings& settings, const Binding& mine,
                 const std::function<std::size_t(const Team&, const Binding&)>& prepare)
    : team(context, settings)
{
  const Roles& roles = team.mine();
  const bool inside = settings.place == Place::inside;
  MPI_Comm everyone = context.everyone.get();
  fields = share(context, mine);
  const Binding any{with_samples(fields.inputs, 0), with_samples(fields.outputs, 0)};
  if (settings.grid) {
    grid.emplace(*settings.grid, team, fields.inputs.front().box->global);
    fields = {grid->images(fields.inputs), grid->images(fields.outputs)};
  }

  const auto open = [&](const char* what, const channel::End& end,
                        const std::optional<channel::Links>& links = {}) {
    ChannelOptions options;
    options.name = settings.name + " " + what;
    options.deadline = context.settings.deadline;
    return std::make_unique<channel::Lanes>(everyone, options, context.choice, end, links);
  };
  const auto when = [](bool role, std::vector<FieldSpec> list) {
    return role ? std::move(list) : std::vector<FieldSpec>{};
  };

  if (!inside)
    request = open("request", grid ? grid->request(team, mine.inputs, any.inputs)
                                   : channel::End{when(roles.simulation, mine.inputs),
                                                  when(roles.inference, any.inputs)});
  if (settings.trained)
    observation = open("observation", grid ? grid->observation(team, joined(mine), joined(any))
                                           : channel::End{when(roles.simulation, joined(mine)),
                                                          when(roles.training, joined(any))});
  if (grid) {
    reply = open("reply", grid->reply(team, mine.outputs, any.outputs));
  } else if (!inside) {
    auto replies = any.outputs;
    replies.push_back({"verdict", Dtype::int32, {0}, {}, {}});
    reply = open("reply", {when(roles.inference, replies), when(roles.simulation, replies)},
                 request->links().reversed());
  }

  std::size_t state_bytes = 0;
  mpi::together(everyone, context.deadline(), [&] {
    if (context.mine().ml()) state_bytes = prepare(team, fields);
  });
  if (!settings.trained) return;
  const std::int64_t numbers =
      mpi::largest(everyone, static_cast<std::int64_t>((state_bytes + 7) / 8), context.deadline());
  const bool reads = inside ? roles.simulation : roles.inference;
  const bool publishes = roles.training && mpi::rank(everyone) == team.first(&Roles::training);
  const auto state = [](std::int64_t samples) {
    return std::vector<FieldSpec>{{"state", Dtype::float64, {samples}, {}, {}}};
  };
  weights =
      open("weights", {when(publishes, state(numbers)), when(reads, state(0))},
           channel::broadcast(mpi::rank(everyone), team.first(&Roles::training),
                              team.all(inside ? &Roles::simulation : &Roles::inference), numbers));
}

void Streams::put_answers(channel::OutLane& lane, const Batch& answers, const Verdict* verdicts,
                          std::int64_t first, std::int64_t count) const
{
  for (std::size_t f = 0; f < fields.outputs.size(); ++f) {
    Extents shape = fields.outputs[f].shape;
    shape[0] = first + count;
    lane.put_samples(f,
                     {answers.columns[f], fields.outputs[f].dtype, true, shape, row_major(shape)},
                     first, count);
  }
  const auto* words = reinterpret_cast<const std::int32_t*>(verdicts);
  lane.put_samples(fields.outputs.size(), Field{words, {first + count}}, first, count);
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
