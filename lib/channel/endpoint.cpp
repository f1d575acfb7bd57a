// The consumer's end and what both ends share; the producer's is in endpoint_put.cpp.

#include "channel/endpoint.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <exception>

namespace cardan::channel {

Endpoint::Endpoint(MPI_Comm parent, const ChannelOptions& wanted, End end)
    : options_(wanted),
      comm_(mpi::duplicate(parent)),
      mine_(std::move(end)),
      choice_(choose(comm_.get(), wanted.transport, wanted.between_nodes, wanted.deadline)),
      lanes_(std::make_unique<Lanes>(comm_.get(), wanted, choice_, mine_)),
      exceptions_(std::uncaught_exceptions())
{
  prepare();
}

Endpoint::~Endpoint()
{
  try {
    lanes_->close();
  } catch (const Error&) {
    // The peer is gone; there is nobody left to tell.
    lanes_->abandon();
  }
  if (std::uncaught_exceptions() > exceptions_) lanes_->abandon();
}

/// Views are made once: a step makes none.
void Endpoint::prepare()
{
  views_.clear();
  claim_.clear();
  in_place_ = claimed_ = false;
  const Plan& plan = lanes_->plan();
  if (plan.boxes) {
    const auto slots = lanes_->slots() == nullptr ? 0 : static_cast<std::size_t>(plan.depth);
    for (std::size_t s = 0; s < slots; ++s)
      for (std::size_t f = 0; f < mine_.consumed.size(); ++f) {
        const FieldSpec& spec = mine_.consumed[f];
        views_.push_back(Field{lanes_->slots() + s * plan.stride + plan.begins[f], spec.dtype, true,
                               spec.shape, plan.strides[f]}
                             .in(*spec.box));
      }
    return;
  }
  for (const auto& lane : lanes_->in())
    for (std::size_t f = 0; f < mine_.consumed.size(); ++f) {
      Extents shape = mine_.consumed[f].shape;
      if (shape.rank() > 0) shape[0] = 0;
      views_.emplace_back(lane.slot(), mine_.consumed[f].dtype, true, shape, row_major(shape));
    }
}

/// Whether all lanes have the step, and keep it until it is released.
bool Endpoint::hold(std::span<InLane> lanes, std::uint64_t step)
{
  const auto whole = [step](const InLane& lane) { return lane.holds(step); };
  if (!std::all_of(lanes.begin(), lanes.end(), whole)) return false;
  if (options_.policy != Policy::drop_oldest) return true;
  for (auto& lane : lanes) lane.pin(step + 1);
  lanes_->fence();
  if (std::all_of(lanes.begin(), lanes.end(), whole)) return true;
  for (auto& lane : lanes) lane.pin(0);
  return false;
}

/// Passes over all steps before `step`.
void Endpoint::move_on(std::span<InLane> lanes, std::uint64_t step)
{
  counters_.missed += static_cast<std::int64_t>(step - lanes.front().next());
  for (auto& lane : lanes) lane.advance(step);
}

/// Whether a step of these lanes can be read, which is then their next one.
bool Endpoint::find_in(std::span<InLane> lanes, Pick pick)
{
  const std::uint64_t next = lanes.front().next();
  if (pick == Pick::next && options_.policy == Policy::block) {
    for (auto& lane : lanes)
      if (!lane.ready()) return false;
    return true;
  }
  // Steps before `limit` were offered by all producers.
  std::uint64_t limit = ~std::uint64_t{0};
  bool closed = true;
  for (auto& lane : lanes) {
    limit = std::min(limit, lane.look());
    closed = closed && lane.closed();
  }
  if (limit <= next) return false;
  const auto depth = static_cast<std::uint64_t>(lanes_->plan().depth);
  // The ring says which steps there may be; they are tried from one end.
  std::uint64_t low = next;
  std::uint64_t high = limit;
  while (low < high) {
    std::uint64_t best = limit;
    for (std::uint64_t slot = 0; slot < depth; ++slot) {
      const std::uint64_t held = lanes.front().held(slot);
      if (held <= low || held > high) continue;
      const std::uint64_t step = held - 1;
      if (best == limit || (pick == Pick::next ? step < best : step > best)) best = step;
    }
    if (best == limit) break;
    if (hold(lanes, best)) {
      if (best > next) move_on(lanes, best);
      return true;
    }
    (pick == Pick::next ? low : high) = pick == Pick::next ? best + 1 : best;
  }
  // None of them will ever be whole, unless a producer that wants a slot back is about to leave it.
  for (std::uint64_t slot = 0; slot < depth && !closed; ++slot)
    for (const auto& lane : lanes)
      if (lane.held(slot) == busy) return false;
  move_on(lanes, limit);
  for (auto& lane : lanes) lane.give_credit();
  return false;
}

int Endpoint::find_box(Pick pick)
{
  auto& in = lanes_->in();
  if (in.empty()) return over;
  if (find_in(in, pick)) {
    for (auto& lane : in)
      if (lane.lands()) lane.land(lanes_->slots() + lane.index() * lanes_->plan().stride);
    return 0;
  }
  for (auto& lane : in)
    if (lane.closed() && lane.known() <= lane.next() && lane.look() <= lane.next()) return over;
  return nothing_yet;
}

int Endpoint::find_batch(Pick pick)
{
  auto& in = lanes_->in();
  bool drained = true;
  for (std::size_t i = 0; i < in.size(); ++i) {
    const std::size_t candidate = (turn_ + i) % in.size();
    if (find_in(std::span(in).subspan(candidate, 1), pick)) {
      turn_ = candidate + 1;
      return static_cast<int>(candidate);
    }
    drained = drained && in[candidate].closed() && in[candidate].look() <= in[candidate].next();
  }
  return drained ? over : nothing_yet;
}

int Endpoint::find(Pick pick)
{
  return lanes_->plan().boxes ? find_box(pick) : find_batch(pick);
}

int Endpoint::await(Pick pick)
{
  int found = find(pick);
  if (found != nothing_yet) return found;
  const auto began = mpi::Deadline::Clock::now();
  const bool came = mpi::wait_until([&] { return (found = find(pick)) != nothing_yet; },
                                    mpi::Deadline::in(options_.deadline));
  counters_.waited += std::chrono::duration<double>(mpi::Deadline::Clock::now() - began).count();
  if (came) return found;
  throw Late{
      fmt::format("channel '{}': no step arrived within {} s", options_.name, options_.deadline),
      "a producer is late or gone", "Is [run] deadline too short?"};
}

void Endpoint::release(int lane)
{
  ++counters_.taken;
  auto& in = lanes_->in();
  const auto held = lanes_->plan().boxes ? std::span(in) : std::span(in).subspan(at(lane), 1);
  for (auto& each : held) {
    each.release();
    if (options_.policy == Policy::drop_oldest) each.pin(0);
  }
}

const Field& Endpoint::field(int lane, std::string_view name)
{
  const auto& specs = mine_.consumed;
  const Plan& plan = lanes_->plan();
  InLane& in = lanes_->in()[at(lane)];
  for (std::size_t f = 0; f < specs.size(); ++f) {
    if (specs[f].name != name) continue;
    if (plan.boxes) return views_[in.index() * specs.size() + f];
    Extents shape = specs[f].shape;
    if (shape.rank() > 0) shape[0] = in.header().count;
    Field& view = views_[at(lane) * specs.size() + f];
    view = Field{in.data(f), specs[f].dtype, true, shape, row_major(shape)};
    return view;
  }
  throw Error{fmt::format("channel '{}' has no field '{}'", options_.name, name)};
}

void Endpoint::copy_out(std::span<const NamedField> fields)
{
  if (!lanes_->plan().boxes)
    throw Error{fmt::format("channel '{}': take of a batch", options_.name),
                "batches vary in size and come from any producer", "Use peek."};
  for (const auto& [name, field] : fields) {
    const Field& view = this->field(0, name);
    if (field.dtype() != view.dtype() || field.shape() != view.shape())
      throw Error{
          fmt::format("channel '{}': '{}' cannot be taken into a field of {} {}", options_.name,
                      name, to_string(field.dtype()), to_string(field.shape())),
          fmt::format("it is {} {}", to_string(view.dtype()), to_string(view.shape()))};
    copy(patch_of(view, false), static_cast<const std::byte*>(view.data()), patch_of(field, false),
         static_cast<std::byte*>(field.writable()));
  }
}

// What is in the rings now belongs to boxes that are gone. Nothing changes where any rank objects.
void Endpoint::rebox(End end)
{
  const auto deadline = mpi::Deadline::in(opening_seconds(options_.deadline));
  std::int64_t unread = 0;
  auto& in = lanes_->in();
  const auto offered = lanes_->offered(comm_.get(), deadline);
  for (std::size_t i = 0; i < in.size(); ++i) {
    const auto waiting = static_cast<std::int64_t>(offered[i] - in[i].next());
    unread = lanes_->plan().boxes ? std::max(unread, waiting) : unread + waiting;
  }
  mpi::together(comm_.get(), deadline, [&] {
    if (claimed_)
      throw Error{fmt::format("channel '{}' is reboxed while a claim is open", options_.name)};
    if (unread > 0 && options_.policy == Policy::block)
      throw Error{fmt::format("channel '{}' is reboxed while rank {} has {} unread steps",
                              options_.name, mpi::rank(comm_.get()), unread),
                  "they belong to the old boxes", "Read all that was put before."};
  });
  auto lanes = std::make_unique<Lanes>(comm_.get(), options_, choice_, end);
  counters_.missed += unread;
  lanes_ = std::move(lanes);
  mine_ = std::move(end);
  prepare();
}

}  // namespace cardan::channel
