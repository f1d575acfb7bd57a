#include "couplers/closure/inference.hpp"

#include "support/log.hpp"

#include <cstring>

namespace cardan::closure {

Inference::Inference(Streams& streams, const TrustSettings& trust, std::unique_ptr<Model> model)
    : streams_(streams),
      model_(std::move(model)),
      gate_(trust, streams.fields.signature().outputs),
      columns_(streams.fields.outputs, streams.fields.capacity())
{
  std::int64_t most = 0;
  for (const auto& lane : streams.request->in()) most += lane.capacity();
  const Signature signature = streams.fields.signature();
  inputs_.resize(static_cast<std::size_t>(most * signature.inputs));
  outputs_.resize(static_cast<std::size_t>(most * signature.outputs));
  spread_.resize(outputs_.size());
  inside_.resize(static_cast<std::size_t>(most));
  verdicts_.resize(inside_.size());
  waiting_.reserve(streams.request->in().size());
}

void Inference::take_weights()
{
  for (auto& lane : streams_.weights->in())
    while (lane.ready()) {
      std::memcpy(&limit_, lane.data(0), sizeof limit_);
      model_->read(lane.data(0) + sizeof limit_);
      weights_ = lane.header();
      lane.release();
    }
}

bool Inference::poll()
{
  take_weights();
  auto& lanes = streams_.request->in();
  waiting_.clear();
  for (std::size_t i = 0; i < lanes.size(); ++i)
    if (lanes[i].ready()) waiting_.push_back(i);
  if (waiting_.empty()) return false;
  answer(waiting_);
  return true;
}

void Inference::answer(const std::vector<std::size_t>& waiting)
{
  auto& lanes = streams_.request->in();
  const Signature signature = streams_.fields.signature();
  bool answered = weights_.version > 0 && !failed_;
  if (answered) {
    std::int64_t count = 0;
    for (const std::size_t i : waiting) {
      pack(lanes[i], 0, streams_.fields.inputs, lanes[i].header().count,
           inputs_.data() + count * signature.inputs);
      count += lanes[i].header().count;
    }
    const Answers answers{outputs_.data(), spread_.data(), inside_.data()};
    try {
      if (count > 0) model_->predict({inputs_.data(), count, signature.inputs}, answers);
      gate_.judge(answers, count, limit_, verdicts_.data());
    } catch (const std::exception& error) {
      // A model that fails must not stop the simulation: the solver does the work from here on.
      log("a model failed and is not used any more: ", error.what());
      failed_ = true;
      answered = false;
    }
  }
  std::int64_t first = 0;
  for (const std::size_t i : waiting) {
    reply(i, first, answered);
    first += lanes[i].header().count;
    lanes[i].release();
  }
}

/// A simulation rank that has not read its late replies has no room for another: it counts this one
/// as late too.
void Inference::reply(std::size_t lane, std::int64_t first, bool answered)
{
  channel::OutLane& out = streams_.reply->out()[lane];
  if (!out.room()) return;
  const channel::Header& request = streams_.request->in()[lane].header();
  channel::Header header = weights_;
  header.count = answered ? request.count : 0;
  header.ticket = request.ticket;
  header.step = request.step;
  if (!answered) header.version = 0;
  if (header.count > 0) {
    const auto& outputs = streams_.fields.outputs;
    columns_.unpack(outputs_.data() + first * streams_.fields.signature().outputs, header.count);
    for (std::size_t f = 0; f < outputs.size(); ++f)
      out.put_samples(f, columns_.field(f, header.count), 0, header.count);
    const auto* verdicts = reinterpret_cast<const std::int32_t*>(verdicts_.data() + first);
    out.put_samples(outputs.size(), Field{verdicts, {header.count}}, 0, header.count);
  }
  out.publish(header);
}

}  // namespace cardan::closure
