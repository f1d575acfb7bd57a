#include "couplers/closure/grid_inference.hpp"

#include "channel/patch.hpp"

namespace cardan::closure {

GridInference::GridInference(Streams& streams, const SurrogateSettings& settings,
                             std::unique_ptr<Model> model)
    : streams_(streams),
      judge_(settings, streams.fields.signature(), std::move(model)),
      in_step_(streams.team.context.settings.deterministic),
      tiles_(streams.grid->tiles()),
      block_(streams.grid->answered_by(mpi::rank(streams.team.context.everyone.get()))),
      gather_(*streams.request, tiles_, block_),
      inputs_(streams.fields.signature().inputs),
      outputs_(streams.fields.signature().outputs),
      verdicts_(static_cast<std::size_t>(block_.count.product()))
{
  inputs_.resize(block_.count.product());
  outputs_.resize(block_.count.product());
  for (const auto& field : streams.fields.outputs)
    answers_.emplace_back(
        static_cast<std::size_t>(tiles_.cells(block_).count.product() * size_of(field.dtype)));
  // Whoever is answered has asked.
  for (const auto& out : streams.reply->out())
    for (std::size_t i = 0; i < streams.request->in().size(); ++i)
      if (streams.request->in()[i].producer() == out.consumer()) request_of_.push_back(i);
}

bool GridInference::poll()
{
  auto* weights = streams_.weights.get();
  // In step by the marker of the call, and no newer one; a rank without tiles answers no call.
  if (weights != nullptr && (!in_step_ || streams_.request->in().empty())) judge_.take(*weights);
  if (!gather_.ready([this](std::size_t lane) { give_up(lane); })) return false;
  if (weights != nullptr && in_step_ && !judge_.reach(*weights, gather_.header(0).ticket))
    return false;
  const bool ready = judge_.ready();
  bool answered = false;
  if (ready) {
    for (std::size_t f = 0; f < inputs_.features().size(); ++f)
      gather_.cut(f, inputs_.columns()[f]);
    answered = judge_.answer(inputs_.batch(), outputs_.columns(), verdicts_.data());
    if (answered) assemble();
  }
  reply(answered);
  gather_.release();
  return true;
}

void GridInference::assemble()
{
  const Extents image = tiles_.image();
  const Extents cells = tiles_.cells(block_).count;
  for (std::size_t f = 0; f < answers_.size(); ++f) {
    const std::int64_t element = size_of(outputs_.features()[f].dtype);
    const channel::Patch from = channel::patch_in(image, tiles_.tile(), element);
    const channel::Patch to = channel::patch_in(cells, tiles_.tile(), element);
    const std::byte* middle = outputs_.columns()[f];
    for (int d = 0; d < image.rank(); ++d) middle += tiles_.halo() * from.strides[d];
    for_each_index(block_.count, [&](const Extents& index) {
      std::byte* place = answers_[f].data();
      for (int d = 0; d < image.rank(); ++d) place += index[d] * tiles_.tile()[d] * to.strides[d];
      channel::copy(from, middle, to, place);
      middle += outputs_.features()[f].bytes();
    });
  }
}

/// A request that others have left alone: whoever still waits for its answer is told.
void GridInference::give_up(std::size_t request)
{
  for (std::size_t j = 0; j < request_of_.size(); ++j) {
    auto& out = streams_.reply->out()[j];
    if (request_of_[j] != request || !out.room()) continue;
    channel::Header header;
    header.count = GridReply::never;
    header.ticket = gather_.header(request).ticket;
    out.publish(header);
  }
}

// A simulation rank that has not read its late replies has no room for another: it counts this one
// as late too.
void GridInference::reply(bool answered)
{
  const Extents cells = tiles_.cells(block_).count;
  auto& out = streams_.reply->out();
  for (std::size_t j = 0; j < out.size(); ++j) {
    if (!out[j].room()) continue;
    const channel::Header& request = gather_.header(request_of_[j]);
    channel::Header header = judge_.published();  // its step is the hash
    header.count = answered ? block_.count.product() : GridReply::not_ready;
    header.ticket = request.ticket;
    if (!answered) header.version = 0;
    for (std::size_t f = 0; answered && f < answers_.size(); ++f)
      out[j].put_box(
          f, {answers_[f].data(), outputs_.features()[f].dtype, true, cells, row_major(cells)});
    if (answered)
      out[j].put_box(answers_.size(),
                     Field{reinterpret_cast<const std::int32_t*>(verdicts_.data()), block_.count});
    out[j].publish(header);
  }
}

}  // namespace cardan::closure
