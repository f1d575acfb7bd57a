// The producer's end: what is put, claimed, left out.

#include "channel/endpoint.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace cardan::channel {

void Endpoint::check(std::span<const NamedField> fields) const
{
  const auto refuse = [&](const std::string& what, const std::string& reason) {
    throw Error{fmt::format("channel '{}': {}", options_.name, what), reason,
                "Put what was declared when the channel was opened."};
  };
  if (fields.size() != mine_.produced.size())
    refuse(fmt::format("{} fields are put", fields.size()),
           fmt::format("{} were declared", mine_.produced.size()));
  for (std::size_t f = 0; f < fields.size(); ++f) {
    const FieldSpec& spec = mine_.produced[f];
    const Field& field = fields[f].field;
    if (fields[f].name != spec.name)
      refuse(fmt::format("field '{}' is put", fields[f].name),
             fmt::format("'{}' was declared", spec.name));
    if (field.dtype() != spec.dtype)
      refuse(fmt::format("field '{}' has dtype {}", spec.name, to_string(field.dtype())),
             fmt::format("{} was declared", to_string(spec.dtype)));
    const bool fits = spec.box ? field.shape() == spec.shape
                               : field.shape().tail() == spec.shape.tail() &&
                                     field.samples() <= (spec.shape.rank() ? spec.shape[0] : 1);
    if (!fits)
      refuse(fmt::format("field '{}' has shape {}", spec.name, to_string(field.shape())),
             fmt::format("{} was declared", to_string(spec.shape)));
    if (!spec.box && field.samples() != fields.front().field.samples())
      refuse(fmt::format("field '{}' has {} samples", spec.name, field.samples()),
             fmt::format("'{}' has {}", fields.front().name, fields.front().field.samples()));
  }
}

void Endpoint::wait_for_room(OutLane& lane)
{
  const auto began = mpi::Deadline::Clock::now();
  const bool came =
      mpi::wait_until([&] { return lane.room(); }, mpi::Deadline::in(options_.deadline));
  counters_.waited += std::chrono::duration<double>(mpi::Deadline::Clock::now() - began).count();
  if (came) return;
  throw Late{fmt::format("channel '{}': rank {} freed no slot within {} s", options_.name,
                         lane.consumer(), options_.deadline),
             fmt::format("the ring of {} slots is full", lanes_->plan().depth),
             "Is that rank alive and reading?"};
}

/// Whether the next slot of a lane may be written; waits where the policy is to block.
Endpoint::Verdict Endpoint::admit(OutLane& lane)
{
  if (options_.policy == Policy::drop_oldest && lane.unpark()) ++counters_.overwritten;
  if (lane.room()) return Verdict::write;
  if (options_.policy == Policy::block) {
    wait_for_room(lane);
    return Verdict::write;
  }
  if (options_.policy == Policy::drop_oldest) {
    bool unread = false;
    const bool reclaimed = lane.reclaim(unread);
    if (unread) ++counters_.overwritten;
    if (reclaimed) return Verdict::write;
  }
  return Verdict::leave_out;
}

bool Endpoint::every_leaves_out()
{
  const bool out = options_.every > 1 && offered_ % options_.every != 0;
  if (!out) return false;
  ++offered_;
  ++counters_.put;
  ++counters_.skipped;
  return true;
}

void Endpoint::put(std::int64_t step, std::span<const NamedField> fields)
{
  check(fields);
  if (claimed_)
    throw Error{fmt::format("channel '{}': a put while a claim is open", options_.name)};
  if (every_leaves_out()) return;
  Header header;
  header.step = step;
  header.count = 1;
  const bool boxes = lanes_->plan().boxes;
  for (auto& lane : lanes_->out()) {
    if (admit(lane) == Verdict::leave_out) {
      lane.skip();
      ++counters_.dropped;
      continue;
    }
    if (boxes) {
      for (std::size_t f = 0; f < fields.size(); ++f) lane.put_box(f, fields[f].field);
    } else {
      const Cut cut = lane.cut(fields.front().field.samples());
      header.count = cut.count;
      for (std::size_t f = 0; f < fields.size(); ++f)
        lane.put_samples(f, fields[f].field, cut.first, cut.count);
    }
    lane.publish(header);
    ++counters_.written;
  }
  ++offered_;
  ++counters_.put;
}

/// Decides once where claims lie: in the slot where one consumer on this node reads all that this
/// rank produces; in this rank's own memory elsewhere.
void Endpoint::prepare_claim()
{
  auto& out = lanes_->out();
  in_place_ = out.size() == 1 && out.front().mapped() != nullptr && !out.front().lands();
  for (std::size_t f = 0; in_place_ && lanes_->plan().boxes && f < mine_.produced.size(); ++f)
    in_place_ = out.front().parts()[f].patch.count == mine_.produced[f].shape;
  staging_.clear();
  for (std::size_t f = 0; f < mine_.produced.size(); ++f) {
    const FieldSpec& spec = mine_.produced[f];
    const auto bytes = static_cast<std::size_t>(spec.shape.product() * size_of(spec.dtype));
    staging_.emplace_back(in_place_ ? 0 : bytes + line);
    auto base = reinterpret_cast<std::uintptr_t>(staging_.back().data());
    Extents strides = row_major(spec.shape);
    if (in_place_ && lanes_->plan().boxes) {
      strides = out.front().parts()[f].patch.strides;
      for (int i = 0; i < strides.rank(); ++i) strides[i] /= out.front().parts()[f].element;
    }
    auto* begin = in_place_ ? out.front().mapped() + out.front().parts()[f].offset
                            : staging_.back().data() + (line - base % line) % line;
    Field field{begin, spec.dtype, false, spec.shape, strides};
    claim_.push_back(spec.box ? field.in(*spec.box) : field);
  }
}

bool Endpoint::claim()
{
  if (claimed_)
    throw Error{fmt::format("channel '{}': a second claim", options_.name),
                "a producer has one slot at a time", "Publish or drop the first one."};
  if (claim_.empty()) prepare_claim();
  if (every_leaves_out()) return false;
  auto& out = lanes_->out();
  if (in_place_) {
    if (admit(out.front()) == Verdict::leave_out) {
      out.front().skip();
      ++counters_.dropped;
      ++offered_;
      ++counters_.put;
      return false;
    }
    for (std::size_t f = 0; f < claim_.size(); ++f)
      claim_[f].move_to(out.front().mapped() + out.front().parts()[f].offset);
  } else if (options_.policy == Policy::block) {
    // Waited for here, so that `publish` need not.
    for (auto& lane : out)
      if (!lane.room()) wait_for_room(lane);
  }
  claimed_ = true;
  return true;
}

const Field& Endpoint::claimed(std::string_view name) const
{
  if (!claimed_)
    throw Error{fmt::format("channel '{}': a claim is used after it was published", options_.name)};
  for (std::size_t f = 0; f < mine_.produced.size(); ++f)
    if (mine_.produced[f].name == name) return claim_[f];
  throw Error{fmt::format("channel '{}' has no field '{}'", options_.name, name)};
}

void Endpoint::publish(std::int64_t step, std::optional<std::int64_t> samples)
{
  if (!claimed_)
    throw Error{fmt::format("channel '{}': a claim is published twice", options_.name)};
  const bool boxes = lanes_->plan().boxes;
  const std::int64_t declared = mine_.produced.empty() ? 0 : claim_.front().samples();
  const std::int64_t total = boxes ? 1 : samples.value_or(declared);
  if (!boxes && (total < 0 || total > declared))
    throw Error{fmt::format("channel '{}': {} samples are published", options_.name, total),
                fmt::format("{} were claimed", declared)};
  claimed_ = false;
  Header header;
  header.step = step;
  header.count = total;
  for (auto& lane : lanes_->out()) {
    if (!in_place_) {
      if (admit(lane) == Verdict::leave_out) {
        lane.skip();
        ++counters_.dropped;
        continue;
      }
      const Cut cut = boxes ? Cut{0, 1} : lane.cut(total);
      header.count = cut.count;
      for (std::size_t f = 0; f < claim_.size(); ++f) {
        if (boxes)
          lane.put_box(f, claim_[f]);
        else
          lane.put_samples(f, claim_[f], cut.first, cut.count);
      }
    }
    lane.publish(header);
    ++counters_.written;
  }
  ++offered_;
  ++counters_.put;
}

}  // namespace cardan::channel
