#include "couplers/closure/inference.hpp"

#include "couplers/closure/field_samples.hpp"

namespace cardan::closure {

Inference::Inference(Streams& streams, const SurrogateSettings& settings,
                     std::unique_ptr<Model> model)
    : streams_(streams),
      judge_(settings, streams.fields.signature(), std::move(model)),
      in_step_(streams.team.context.settings.deterministic),
      inputs_(features_of(streams.fields.inputs)),
      outputs_(features_of(streams.fields.outputs)),
      slot_inputs_(streams.fields.inputs.size()),
      slot_outputs_(streams.fields.outputs.size())
{
  std::int64_t most = 0;
  for (const auto& lane : streams.request->in()) most += lane.capacity();
  inputs_.resize(most);
  outputs_.resize(most);
  verdicts_.resize(static_cast<std::size_t>(most));
  waiting_.reserve(streams.request->in().size());
}

// The marker moves on when every rank has asked beyond it. Calls are numbered from 1 on all ranks,
// and a rank without samples asks for none of them.
bool Inference::poll_in_step()
{
  auto& lanes = streams_.request->in();
  bool worked = false;
  bool beyond = true;
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    if (!lanes[i].ready()) {
      beyond = beyond && lanes[i].drained();
      continue;
    }
    const channel::Header& request = lanes[i].header();
    // Without training there are no markers.
    if (streams_.weights && request.ticket > marker_) continue;
    if (request.count == 0)
      lanes[i].release();
    else if (judge_.ready())
      answer_alone(i);
    else
      refuse(i);
    worked = true;
    beyond = false;
  }
  if (!beyond || !streams_.weights || !judge_.reach(*streams_.weights, marker_ + 1)) return worked;
  ++marker_;
  return true;
}

bool Inference::poll()
{
  if (in_step_) return poll_in_step();
  // A model that is not trained in the run has no stream of weights.
  const bool ready = streams_.weights ? judge_.take(*streams_.weights) : judge_.ready();
  auto& lanes = streams_.request->in();
  waiting_.clear();
  for (std::size_t i = 0; i < lanes.size(); ++i)
    if (lanes[i].ready()) waiting_.push_back(i);
  if (waiting_.empty()) return false;
  if (!ready)
    for (const std::size_t i : waiting_) refuse(i);
  else if (waiting_.size() == 1)
    answer_alone(waiting_.front());
  else
    answer_together();
  return true;
}

channel::Header Inference::reply_to(std::size_t lane, bool answered) const
{
  const channel::Header& request = streams_.request->in()[lane].header();
  channel::Header header = judge_.published();  // its step is the hash
  header.count = answered ? request.count : 0;
  header.ticket = request.ticket;
  if (!answered) header.version = 0;
  return header;
}

void Inference::refuse(std::size_t lane)
{
  if (auto& out = streams_.reply->out()[lane]; out.room()) out.publish(reply_to(lane, false));
  streams_.request->in()[lane].release();
}

// One request is read where it lies, and answered where its answer is read if this rank can store
// there.
void Inference::answer_alone(std::size_t index)
{
  auto& in = streams_.request->in()[index];
  auto& out = streams_.reply->out()[index];
  // A simulation rank that has not read its late replies has no room for another: it counts this
  // one as late too.
  if (!out.room()) {
    in.release();
    return;
  }
  const std::int64_t count = in.header().count;
  for (std::size_t f = 0; f < slot_inputs_.size(); ++f) slot_inputs_[f] = in.data(f);
  std::byte* slot = out.mapped();
  for (std::size_t f = 0; f < slot_outputs_.size(); ++f)
    slot_outputs_[f] = slot != nullptr ? slot + out.parts()[f].offset : outputs_.columns()[f];
  auto* verdicts = slot != nullptr
                       ? reinterpret_cast<Verdict*>(slot + out.parts()[slot_outputs_.size()].offset)
                       : verdicts_.data();
  const bool answered = judge_.answer({count, slot_inputs_.data()}, slot_outputs_.data(), verdicts);
  if (answered && slot == nullptr)
    streams_.put_answers(out, outputs_.batch(), verdicts_.data(), 0, count);
  out.publish(reply_to(index, answered));
  in.release();
}

void Inference::answer_together()
{
  auto& lanes = streams_.request->in();
  std::int64_t total = 0;
  for (const std::size_t i : waiting_) {
    const std::int64_t count = lanes[i].header().count;
    for (std::size_t f = 0; f < slot_inputs_.size(); ++f)
      inputs_.copy(f, lanes[i].data(f), count, total);
    total += count;
  }
  const bool answered =
      judge_.answer({total, inputs_.batch().columns}, outputs_.columns(), verdicts_.data());
  std::int64_t first = 0;
  for (const std::size_t i : waiting_) {
    const std::int64_t count = lanes[i].header().count;
    if (auto& out = streams_.reply->out()[i]; out.room()) {
      if (answered) streams_.put_answers(out, outputs_.batch(), verdicts_.data(), first, count);
      out.publish(reply_to(i, answered));
    }
    first += count;
    lanes[i].release();
  }
}

}  // namespace cardan::closure
