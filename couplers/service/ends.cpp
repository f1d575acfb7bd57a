#include "couplers/service/ends.hpp"

#include "channel/node.hpp"
#include "couplers/service/wire.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace cardan::service {

namespace {

Features features_of(const std::vector<FieldSpec>& fields)
{
  Features features;
  for (const auto& field : fields) {
    const Extents tail = field.shape.tail();
    Feature feature{field.name, field.dtype, {}};
    for (int i = 0; i < tail.rank(); ++i) feature.shape.push_back(tail[i]);
    features.push_back(std::move(feature));
  }
  return features;
}

std::vector<FieldSpec> with_samples(std::vector<FieldSpec> fields, std::int64_t samples)
{
  for (auto& field : fields) field.shape[0] = samples;
  return fields;
}

/// Collective: simulation rank 0's fields and the largest number of samples of any rank.
Binding share(const Context& context, const Binding& mine)
{
  MPI_Comm everyone = context.everyone.get();
  const std::int64_t most = mpi::largest(everyone, mine.capacity(), context.deadline());
  const int first = context.first(&Roles::simulation);
  const auto of_first = [&](const std::vector<FieldSpec>& fields) {
    return with_samples(
        channel::unpack(mpi::broadcast(everyone, channel::pack(fields), first, context.deadline())),
        most);
  };
  return {of_first(mine.inputs), of_first(mine.outputs)};
}

std::vector<int> deal(const Context& context, int instances)
{
  std::vector<int> ml;
  for (std::size_t r = 0; r < context.roles.size(); ++r)
    if (context.roles[r].ml()) ml.push_back(static_cast<int>(r));
  std::vector<int> ranks;
  ranks.reserve(static_cast<std::size_t>(instances));
  for (int i = 0; i < instances; ++i) ranks.push_back(ml[static_cast<std::size_t>(i) % ml.size()]);
  return ranks;
}

/// Every client to every instance; a rank that hosts two instances is linked twice.
channel::Links links_of(const Context& context, const std::vector<int>& instances,
                        std::int64_t capacity)
{
  const int rank = mpi::rank(context.everyone.get());
  channel::Links links;
  links.capacity = capacity;
  if (context.mine().simulation) {
    for (const int instance : instances) links.out.push_back({instance, 0, capacity});
    return links;
  }
  for (const int instance : instances)
    for (const int client : context.all(&Roles::simulation))
      if (instance == rank) links.in.push_back({client, 0, capacity});
  return links;
}

}  // namespace

Signature Binding::signature() const
{
  return {features_of(inputs), features_of(outputs)};
}

std::int64_t Binding::capacity() const
{
  return inputs.empty() ? 0 : inputs.front().shape[0];
}

void check_binding(const Context& context, const ServiceSettings& settings, const Binding& mine)
{
  mpi::together(context.part.get(), context.deadline(), [&] {
    if (mine.inputs.empty() || mine.outputs.empty())
      throw Error{fmt::format("service '{}' is opened without {}", settings.name,
                              mine.inputs.empty() ? "inputs" : "outputs"),
                  "at least one field is needed"};
    for (const auto* fields : {&mine.inputs, &mine.outputs})
      for (const auto& field : *fields) {
        const auto refuse = [&](const std::string& why) {
          throw Error{fmt::format("field '{}' of service '{}' is declared with shape {}",
                                  field.name, settings.name, to_string(field.shape)),
                      why};
        };
        if (field.box) refuse("it has a box, and a request is a batch");
        if (field.shape.rank() == 0) refuse("its first dimension counts samples");
        if (field.shape.product() < 1)
          refuse("a request has at least one sample, and a sample a number");
        if (field.shape[0] != mine.inputs.front().shape[0])
          refuse(fmt::format("'{}' is declared with {} samples; they must be equal",
                             mine.inputs.front().name, mine.inputs.front().shape[0]));
      }
  });
  for (const auto* fields : {&mine.inputs, &mine.outputs})
    static_cast<void>(channel::agree_on_fields(context.part.get(), settings.name,
                                               {*fields, *fields}, context.deadline()));
}

Ends::Ends(const Context& context, const ServiceSettings& settings, const Binding& mine)
    : ranks(deal(context, settings.instances)), fields(share(context, mine))
{
  const std::int64_t begun = clock();
  MPI_Comm everyone = context.everyone.get();
  const channel::Node node{everyone};
  one_clock = node.alone();
  for (const int rank : ranks)
    on_this_node.push_back(node.leaders()[static_cast<std::size_t>(rank)] == node.leader());

  const std::int64_t capacity = fields.capacity();
  note_part = fields.inputs.size();
  note_row = (note_bytes + capacity - 1) / capacity;
  auto requests = fields.inputs;
  requests.push_back({"note", Dtype::uint8, {capacity, note_row}, {}, {}});

  const int me = mpi::rank(everyone);
  const bool hosts = std::find(ranks.begin(), ranks.end(), me) != ranks.end();
  const bool asks = context.mine().simulation;
  const auto open = [&](const char* what, const channel::End& end, const channel::Links& links) {
    ChannelOptions options;
    options.name = settings.name + " " + what;
    options.deadline = context.settings.deadline;
    options.depth = settings.depth + control_slots;
    return std::make_unique<channel::Lanes>(everyone, options, context.choice, end, links);
  };
  const auto when = [](bool role, const std::vector<FieldSpec>& list) {
    return role ? list : std::vector<FieldSpec>{};
  };
  const channel::Links links = links_of(context, ranks, capacity);
  request = open("request", {when(asks, requests), when(hosts, requests)}, links);
  reply =
      open("reply", {when(hosts, fields.outputs), when(asks, fields.outputs)}, links.reversed());
  window_seconds = seconds(clock() - begun);
}

void Ends::close()
{
  for (auto* lanes : {&request, &reply})
    if (*lanes) (*lanes)->close();
}

void Ends::abandon() noexcept
{
  for (auto* lanes : {&request, &reply})
    if (*lanes) (*lanes)->abandon();
}

void store(const std::byte* dense, const Field& field, std::int64_t count)
{
  const channel::Patch to = channel::patch_of(field, true);
  const std::int64_t step = field.strides()[0] * to.element;
  auto* target = static_cast<std::byte*>(field.writable());
  if (to.dense() && step == to.bytes()) {
    std::memcpy(target, dense, static_cast<std::size_t>(count * step));
    return;
  }
  const channel::Patch from = channel::patch_in(to.count, to.count, to.element);
  for (std::int64_t r = 0; r < count; ++r)
    channel::copy(from, dense + r * from.bytes(), to, target + r * step);
}

}  // namespace cardan::service
