// The client asks: requests go out, answers are taken as the gate judged them, the rest is the
// solver's.

#include "couplers/closure/batch_client.hpp"
#include "couplers/closure/field_samples.hpp"
#include "couplers/closure/gate.hpp"

#include <algorithm>
#include <cstring>

namespace cardan::closure {

void BatchClient::leave_to_solver(std::int64_t first, std::int64_t count)
{
  for (std::int64_t i = first; i < first + count; ++i) untrusted_.push_back(i);
}

// Samples are cut evenly over the inference ranks. A rank whose ring is full has not answered for
// long: it is not asked. In step, every rank is asked every time, be it for nothing: its answers to
// others may need no newer weights until all have asked.
void BatchClient::ask(Fields inputs, std::int64_t samples)
{
  auto& out = streams()->request->out();
  ++ticket_;
  for (std::size_t i = 0; i < out.size(); ++i) {
    lanes_[i] = State::idle;
    const auto cut = out[i].cut(samples);
    if ((cut.count == 0 && !takes_turns()) || !room(out[i])) continue;
    channel::Header header;
    header.count = cut.count;
    header.step = context().step;
    header.ticket = ticket_;
    for (std::size_t f = 0; f < inputs.size(); ++f)
      out[i].put_samples(f, inputs[f].field, cut.first, cut.count);
    out[i].publish(header);
    if (cut.count > 0) lanes_[i] = State::asked;
  }
}

void BatchClient::remember(std::size_t part, const std::byte* rows, std::int64_t first,
                           std::int64_t count)
{
  if (last_.empty()) return;
  const auto& spec = binding_.outputs[part];
  const std::int64_t row = spec.shape.tail().product() * size_of(spec.dtype);
  std::memcpy(last_[part].data() + first * row, rows, static_cast<std::size_t>(count * row));
  std::fill_n(has_last_.begin() + first, count, true);
}

/// Runs of trusted samples are stored, the others are the solver's.
void BatchClient::take_answers(const channel::Cut& cut, const std::byte* const* columns,
                               const Verdict* verdicts, Fields outputs)
{
  const auto tally = [&](Verdict verdict) {
    counters_.trusted += verdict == Verdict::trusted;
    counters_.unsure += verdict == Verdict::unsure;
    counters_.outside += verdict == Verdict::outside;
    counters_.not_a_number += verdict == Verdict::not_a_number;
    counters_.out_of_range += verdict == Verdict::out_of_range;
  };
  for (std::int64_t begin = 0; begin < cut.count;) {
    std::int64_t end = begin;
    const bool trusted = verdicts[begin] == Verdict::trusted;
    for (; end < cut.count && (verdicts[end] == Verdict::trusted) == trusted; ++end)
      tally(verdicts[end]);
    if (!trusted) leave_to_solver(cut.first + begin, end - begin);
    for (std::size_t f = 0; trusted && f < outputs.size(); ++f) {
      const auto& spec = binding_.outputs[f];
      const std::byte* rows =
          columns[f] + begin * spec.shape.tail().product() * size_of(spec.dtype);
      store(rows, outputs[f].field, cut.first + begin, end - begin);
      remember(f, rows, cut.first + begin, end - begin);
    }
    begin = end;
  }
}

/// One inference rank's answers.
void BatchClient::settle(std::size_t index, Fields outputs, std::int64_t samples)
{
  auto& lane = streams()->reply->in()[index];
  const auto cut = streams()->request->out()[index].cut(samples);
  if (lane.header().count == 0) {
    counters_.not_ready += cut.count;
    leave_to_solver(cut.first, cut.count);
  } else {
    stamp(lane.header());
    for (std::size_t f = 0; f < columns_.size(); ++f) columns_[f] = lane.data(f);
    take_answers(cut, columns_.data(), reinterpret_cast<const Verdict*>(lane.data(outputs.size())),
                 outputs);
  }
  lane.release();
}

void BatchClient::ask_inside(Fields inputs, Fields outputs, std::int64_t samples)
{
  channel::Lanes* weights = streams() != nullptr ? streams()->weights.get() : nullptr;
  if (in_step() && weights != nullptr &&
      !mpi::wait_until([&] { return inside_->reach(*weights, predictions_); },
                       context().deadline()))
    fall_out_of_step("weights");
  if (samples == 0) return;
  const bool ready = in_step() ? inside_->ready() : inside_->take(weights);
  if (!ready || !inside_->answer(inputs, samples)) {
    counters_.not_ready += samples;
    leave_to_solver(0, samples);
    return;
  }
  stamp(inside_->published());
  take_answers({0, samples}, inside_->outputs().columns, inside_->verdicts(), outputs);
}

/// No answer in time: the solver's, or the last answer that there was.
void BatchClient::settle_late(std::size_t index, Fields outputs, std::int64_t samples)
{
  const auto cut = streams()->request->out()[index].cut(samples);
  counters_.late += cut.count;
  for (std::int64_t i = cut.first; i < cut.first + cut.count; ++i) {
    if (last_.empty() || !has_last_[static_cast<std::size_t>(i)]) {
      leave_to_solver(i, 1);
      continue;
    }
    for (std::size_t f = 0; f < outputs.size(); ++f) {
      const auto& spec = binding_.outputs[f];
      const std::int64_t row = spec.shape.tail().product() * size_of(spec.dtype);
      store(last_[f].data() + i * row, outputs[f].field, i, 1);
    }
  }
}

Answer BatchClient::predict(Fields inputs, Fields outputs)
{
  check_writable(outputs);
  if (!bound_) bind(inputs, outputs);
  check(inputs, binding_.inputs);
  check(outputs, binding_.outputs);
  check_samples(inputs, outputs);
  const std::int64_t samples = inputs.begin()->field.samples();
  untrusted_.clear();
  counters_.asked += samples;
  // A not-a-number that may pass goes to the model like any other sample: what comes back is not a
  // number either.
  if (settings().not_a_number == NotANumber::stop)
    for (const auto& [name, field] : inputs) {
      if (finite(field)) continue;
      for (std::int64_t i = 0; i < samples; ++i) static_cast<void>(usable(inputs, i, "predict"));
    }
  begin_predict();
  if (inside_ != nullptr) {
    ask_inside(inputs, outputs, samples);
    return {untrusted_, stamp_};
  }
  if (streams() == nullptr) {
    counters_.not_ready += samples;
    leave_to_solver(0, samples);
    return {untrusted_, stamp_};
  }
  ask(inputs, samples);
  if (samples > 0) await();
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    if (lanes_[i] == State::answered)
      settle(i, outputs, samples);
    else
      settle_late(i, outputs, samples);
  }
  return {untrusted_, stamp_};
}

}  // namespace cardan::closure
