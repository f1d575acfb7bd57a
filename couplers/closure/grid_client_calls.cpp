// A grid's client asks and teaches: boxes go out whole, answers come back tile by tile.

#include "couplers/closure/grid_client.hpp"

#include "channel/patch.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace cardan::closure {

namespace {

/// A part of a field, and where it begins.
channel::Patch part(const Field& field, const Extents& count)
{
  channel::Patch patch = channel::patch_of(field, false);
  patch.count = count;
  return patch;
}

std::int64_t bytes_to(const channel::Patch& patch, const Extents& index)
{
  std::int64_t bytes = 0;
  for (int d = 0; d < index.rank(); ++d) bytes += index[d] * patch.strides[d];
  return bytes;
}

Field view_of(std::vector<std::byte>& memory, const FieldSpec& spec)
{
  return {memory.data(), spec.dtype, false, spec.shape, row_major(spec.shape)};
}

/// Copies the same part of one field to another of the same shape.
void copy_part(const Field& from, const Field& to, const Extents& begin, const Extents& count)
{
  const channel::Patch source = part(from, count);
  const channel::Patch target = part(to, count);
  channel::copy(source, static_cast<const std::byte*>(from.data()) + bytes_to(source, begin),
                target, static_cast<std::byte*>(to.writable()) + bytes_to(target, begin));
}

}  // namespace

Call GridClient::count(Call& last) const
{
  const bool again = last.loop == context().loop && last.step == context().step;
  last = {context().loop, context().step, again ? last.number + 1 : 0};
  return last;
}

// A rank whose ring is full has not answered for long: it is not asked, and nobody whose tiles it
// has is answered.
void GridClient::ask(Fields inputs)
{
  auto& out = streams()->request->out();
  const Call call = count(predicted_);
  ++ticket_;
  std::fill(lanes_.begin(), lanes_.end(), State::idle);
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (!room(out[i])) continue;
    channel::Header header;
    call.stamp(header);
    header.ticket = ticket_;
    for (std::size_t f = 0; f < inputs.size(); ++f) out[i].put_box(f, inputs[f].field);
    out[i].publish(header);
    for (std::size_t j = 0; j < replies_.size(); ++j)
      if (replies_[j].request == i) lanes_[j] = State::asked;
  }
}

/// A tile whose answer came.
void GridClient::take(const Spot& spot, std::size_t lane, Fields outputs)
{
  const Arrived verdicts = arrived(*streams()->reply, lane, outputs.size());
  const auto verdict = *reinterpret_cast<const Verdict*>(verdicts.at(spot.verdict));
  const std::int64_t cells = spot.count.product();
  counters_.trusted += verdict == Verdict::trusted ? cells : 0;
  counters_.unsure += verdict == Verdict::unsure ? cells : 0;
  counters_.outside += verdict == Verdict::outside ? cells : 0;
  counters_.not_a_number += verdict == Verdict::not_a_number ? cells : 0;
  counters_.out_of_range += verdict == Verdict::out_of_range ? cells : 0;
  trusted_[spot.tile] = verdict == Verdict::trusted;
  if (verdict != Verdict::trusted) return;
  for (std::size_t f = 0; f < outputs.size(); ++f) {
    const Field& field = outputs[f].field;
    const Arrived answer = arrived(*streams()->reply, lane, f);
    const channel::Patch to = part(field, spot.count);
    channel::copy(answer.of(spot.count), answer.at(spot.from), to,
                  static_cast<std::byte*>(field.writable()) + bytes_to(to, spot.to));
    if (!last_.empty())
      copy_part(field, view_of(last_[f], binding_.outputs[f]), spot.to, spot.count);
  }
  if (!last_.empty()) has_last_[spot.tile] = true;
}

/// One inference rank's answers.
void GridClient::settle(std::size_t index, Fields outputs)
{
  auto& lane = streams()->reply->in()[index];
  if (lane.header().count == GridReply::never) {
    settle_late(index, outputs);
  } else if (lane.header().count == GridReply::not_ready) {
    for (const Spot& spot : replies_[index].spots) counters_.not_ready += spot.count.product();
  } else {
    stamp(lane.header());
    for (const Spot& spot : replies_[index].spots) take(spot, index, outputs);
  }
  lane.release();
}

/// No answer in time: the solver's, or the last answer that there was.
void GridClient::settle_late(std::size_t index, Fields outputs)
{
  for (const Spot& spot : replies_[index].spots) {
    counters_.late += spot.count.product();
    if (last_.empty() || !has_last_[spot.tile]) continue;
    for (std::size_t f = 0; f < outputs.size(); ++f)
      copy_part(view_of(last_[f], binding_.outputs[f]), outputs[f].field, spot.to, spot.count);
    trusted_[spot.tile] = true;
  }
}

void GridClient::list_untrusted()
{
  if (std::find(trusted_.begin(), trusted_.end(), false) == trusted_.end()) return;
  const Extents& tile = streams()->grid->tiles().tile();
  std::int64_t cell = 0;
  for_each_index(box_.count, [&](const Extents& index) {
    std::int64_t number = 0;
    for (int d = 0; d < index.rank(); ++d)
      number = number * cover_.count[d] + (box_.offset[d] + index[d]) / tile[d] - cover_.offset[d];
    if (!trusted_[static_cast<std::size_t>(number)]) untrusted_.push_back(cell);
    ++cell;
  });
}

Answer GridClient::predict(Fields inputs, Fields outputs)
{
  check_writable(outputs);
  if (!bound_) bind(inputs, outputs);
  check(inputs, binding_.inputs);
  check(outputs, binding_.outputs);
  const std::int64_t cells = box_.count.product();
  untrusted_.clear();
  counters_.asked += cells;
  // As with batches, a not-a-number that may pass goes to the model.
  if (settings().not_a_number == NotANumber::stop) static_cast<void>(finite(inputs, "predict"));
  if (streams() == nullptr) {
    counters_.not_ready += cells;
    for (std::int64_t cell = 0; cell < cells; ++cell) untrusted_.push_back(cell);
    return {untrusted_, stamp_};
  }
  std::fill(trusted_.begin(), trusted_.end(), false);
  begin_predict();
  ask(inputs);
  await();
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    if (lanes_[i] == State::answered)
      settle(i, outputs);
    else
      settle_late(i, outputs);
  }
  list_untrusted();
  return {untrusted_, stamp_};
}

void GridClient::observe(Fields inputs, Fields outputs, std::span<const std::int64_t> samples)
{
  static_cast<void>(inputs);
  static_cast<void>(outputs);
  throw Error{fmt::format("observe of surrogate '{}' is given a list of {} cells", settings().name,
                          samples.size()),
              "on a grid whole tiles are learned from, with what is around them",
              "Observe the whole boxes: give no list."};
}

// What some training rank has no room for is dropped for that rank, which then leaves out what
// others have sent of the same call.
void GridClient::observe_all(Fields inputs, Fields outputs)
{
  if (!bound_) bind(inputs, outputs);
  check(inputs, binding_.inputs);
  check(outputs, binding_.outputs);
  const std::int64_t cells = box_.count.product();
  counters_.observed += cells;
  if (streams() == nullptr || !streams()->observation) {
    counters_.dropped += cells;
    return;
  }
  const Call call = count(observed_);
  if (!finite(inputs, "observe") || !finite(outputs, "observe")) {
    counters_.quarantined += cells;
    return;
  }
  auto& out = streams()->observation->out();
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (!room(out[i])) {
      counters_.dropped += taught_[i];
      continue;
    }
    for (std::size_t f = 0; f < inputs.size(); ++f) out[i].put_box(f, inputs[f].field);
    for (std::size_t f = 0; f < outputs.size(); ++f)
      out[i].put_box(inputs.size() + f, outputs[f].field);
    channel::Header header;
    call.stamp(header);
    out[i].publish(header);
  }
}

}  // namespace cardan::closure
