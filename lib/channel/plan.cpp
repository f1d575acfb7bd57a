#include "channel/plan.hpp"

#include "channel/introduction.hpp"

#include <algorithm>

namespace cardan::channel {

namespace {

/// After those of introductions.
constexpr int tag = 13;

TransportKind kind_to(const Introduction& peer, const Reach& reach)
{
  return peer.node == reach.node ? reach.on_node : reach.between;
}

/// A consumer's slot: its own box of each field.
void lay_out_slot(Plan& plan, const Reference& reference, const std::vector<FieldSpec>& consumed)
{
  for (std::size_t f = 0; f < consumed.size(); ++f) {
    const FieldSpec& spec = consumed[f];
    Order order = spec.order == Order::any ? reference.fields[f].order : spec.order;
    plan.begins.push_back(plan.stride);
    plan.strides.push_back(order == Order::column_major ? column_major(spec.shape)
                                                        : row_major(spec.shape));
    plan.stride += aligned(static_cast<std::size_t>(spec.shape.product() * size_of(spec.dtype)));
  }
}

/// The parts of one producer's boxes in a consumer's slot.
std::vector<Part> parts_in_slot(const Plan& plan, const std::vector<FieldSpec>& consumed,
                                const Introduction& producer)
{
  std::vector<Part> parts;
  for (std::size_t f = 0; f < consumed.size(); ++f) {
    const Box& to = *consumed[f].box;
    const Box overlap = intersection(producer.boxes[f], to);
    Part part;
    part.element = size_of(consumed[f].dtype);
    part.offset = plan.begins[f];
    part.patch = {part.element, overlap.count, plan.strides[f]};
    part.origin = overlap.offset;
    for (int i = 0; i < overlap.offset.rank(); ++i) {
      part.patch.strides[i] *= part.element;
      part.origin[i] -= producer.boxes[f].offset[i];
      if (!overlap.empty())
        part.offset +=
            static_cast<std::size_t>((overlap.offset[i] - to.offset[i]) * part.patch.strides[i]);
    }
    parts.push_back(part);
  }
  return parts;
}

/// The same parts one behind the other, for a ring of their own.
std::size_t pack_densely(std::vector<Part>& parts)
{
  std::size_t bytes = 0;
  for (auto& part : parts) {
    part.patch = patch_in(part.patch.count, part.patch.count, part.element);
    part.offset = bytes;
    bytes += aligned(static_cast<std::size_t>(part.patch.bytes()));
  }
  return bytes;
}

/// The parts of a batch: one sample each, with room for as many as the link carries.
std::size_t batch_parts(std::vector<Part>& parts, const Reference& reference, std::int64_t samples)
{
  std::size_t bytes = 0;
  for (const auto& field : reference.fields) {
    Part part;
    part.element = size_of(field.dtype);
    part.patch = patch_in(field.shape.tail(), field.shape.tail(), part.element);
    part.offset = bytes;
    bytes += aligned(static_cast<std::size_t>(samples * part.patch.bytes()));
    parts.push_back(part);
  }
  return bytes;
}

/// Incoming lanes, without their places in memory.
void plan_incoming(Plan& plan, int rank, const Reference& reference, const End& mine,
                   const Links& links, const std::vector<Introduction>& producers,
                   const Reach& reach)
{
  if (plan.boxes) lay_out_slot(plan, reference, mine.consumed);
  for (std::size_t i = 0; i < links.in.size(); ++i) {
    LanePlan lane;
    lane.producer = links.in[i].peer;
    lane.consumer = rank;
    lane.kind = kind_to(producers[i], reach);
    lane.link = links.in[i];
    if (plan.boxes) {
      lane.parts = parts_in_slot(plan, mine.consumed, producers[i]);
      lane.stride = plan.stride;
    } else {
      lane.stride = batch_parts(lane.parts, reference, lane.link.count);
    }
    plan.in.push_back(std::move(lane));
  }
  // The slots lie where most producers need no second copy: on the node if any is there.
  if (!plan.in.empty()) plan.home = plan.in.front().kind;
  for (const auto& lane : plan.in)
    if (lane.kind == reach.on_node) plan.home = reach.on_node;
  for (auto& lane : plan.in) {
    if (!plan.boxes || lane.kind == plan.home) continue;
    lane.lands = true;
    lane.places = lane.parts;
    lane.stride = pack_densely(lane.parts);
  }
}

/// Where everything of this rank lies, line by line.
void lay_out_memory(Plan& plan)
{
  const auto depth = static_cast<std::size_t>(plan.depth);
  const auto take = [&plan](TransportKind kind, std::size_t bytes) {
    auto& end = plan.bytes[index_of(kind)];
    end += bytes;
    return end - bytes;
  };
  for (auto& lane : plan.in) {
    lane.cell = take(lane.kind, line);
    lane.headers = take(lane.kind, depth * line);
  }
  if (plan.boxes && !plan.in.empty()) plan.slots = take(plan.home, depth * plan.stride);
  for (auto& lane : plan.in) {
    const bool own_ring = !plan.boxes || lane.lands;
    lane.slots = own_ring ? take(lane.kind, depth * lane.stride) : plan.slots;
  }
  for (auto& lane : plan.out) lane.credit = take(lane.kind, line);
}

mpi::Numbers letter_of(const LanePlan& lane)
{
  mpi::Numbers numbers;
  for (const auto value : {lane.cell, lane.headers, lane.slots, lane.stride})
    numbers.push_back(static_cast<std::int64_t>(value));
  for (const auto& part : lane.parts) {
    numbers.push_back(part.element);
    numbers.push_back(static_cast<std::int64_t>(part.offset));
    append(numbers, part.patch.count);
    append(numbers, part.patch.strides);
    append(numbers, part.origin);
  }
  return numbers;
}

void read_letter(LanePlan& lane, const mpi::Numbers& numbers)
{
  auto at = numbers.begin();
  for (auto* value : {&lane.cell, &lane.headers, &lane.slots, &lane.stride})
    *value = static_cast<std::size_t>(*at++);
  while (at != numbers.end()) {
    Part part;
    part.element = part.patch.element = *at++;
    part.offset = static_cast<std::size_t>(*at++);
    part.patch.count = extents_at(at);
    part.patch.strides = extents_at(at);
    part.origin = extents_at(at);
    lane.parts.push_back(part);
  }
}

}  // namespace

std::size_t aligned(std::size_t bytes)
{
  return (bytes + line - 1) / line * line;
}

std::size_t index_of(TransportKind kind)
{
  return static_cast<std::size_t>(std::find(kinds.begin(), kinds.end(), kind) - kinds.begin());
}

int depth_for(std::size_t slot_bytes)
{
  if (slot_bytes >= (std::size_t{1} << 20)) return 2;
  if (slot_bytes >= (std::size_t{64} << 10)) return 4;
  return slot_bytes > 1024 ? 16 : 64;
}

Plan make_plan(MPI_Comm comm, const ChannelOptions& options, const Reference& reference,
               const End& mine, const Links& links, const Reach& reach)
{
  const auto deadline = mpi::Deadline::in(options.deadline);
  const int rank = mpi::rank(comm);
  Plan plan;
  plan.boxes = reference.boxes();
  plan.capacity = links.capacity;
  const auto producers =
      meet(comm, mine.produced, links.out, links.in, reference, reach, Way::forth, deadline);
  const auto consumers =
      meet(comm, mine.consumed, links.in, links.out, reference, reach, Way::back, deadline);
  plan_incoming(plan, rank, reference, mine, links, producers, reach);
  for (std::size_t i = 0; i < links.out.size(); ++i) {
    LanePlan lane;
    lane.producer = rank;
    lane.consumer = links.out[i].peer;
    lane.kind = kind_to(consumers[i], reach);
    lane.link = links.out[i];
    plan.out.push_back(std::move(lane));
  }
  plan.depth = options.depth;
  if (plan.depth == 0) {
    std::size_t stride = 0;
    for (const auto& lane : plan.in) stride = std::max(stride, lane.stride);
    stride =
        static_cast<std::size_t>(mpi::largest(comm, static_cast<std::int64_t>(stride), deadline));
    plan.depth = depth_for(stride);
  }
  lay_out_memory(plan);
  return plan;
}

void place(MPI_Comm comm, Plan& plan, const std::array<std::size_t, kinds.size()>& skews,
           mpi::Deadline deadline)
{
  plan.slots += skews[index_of(plan.home)];
  // What producers are told of slots, and behind it what consumers are told of credits: letters
  // from one rank to another come in their order.
  std::vector<mpi::Letter> letters;
  std::vector<int> from;
  for (const auto& lane : plan.out) from.push_back(lane.consumer);
  for (auto& lane : plan.in) {
    const std::size_t skew = skews[index_of(lane.kind)];
    lane.cell += skew;
    lane.headers += skew;
    lane.slots += skew;
    letters.push_back({lane.producer, letter_of(lane)});
    from.push_back(lane.producer);
  }
  for (auto& lane : plan.out) {
    lane.credit += skews[index_of(lane.kind)];
    letters.push_back({lane.consumer, {static_cast<std::int64_t>(lane.credit)}});
  }
  const auto arrived = mpi::exchange(comm, letters, from, tag, deadline);
  auto next = arrived.begin();
  for (auto& lane : plan.out) read_letter(lane, *next++);
  for (auto& lane : plan.in) lane.credit = static_cast<std::size_t>((next++)->front());
}

}  // namespace cardan::channel
