#include "couplers/closure/inference.hpp"
#include "support/log.hpp"

#include <cardan/error.hpp>

#include <cstring>

namespace cardan::closure {

std::size_t trust_numbers(const Domain& domain)
{
  return 1 + domain.numbers();
}

void check_spread(const SurrogateSettings& surrogate, const Model& model)
{
  if (surrogate.trust.gate == TrustSettings::Gate::none || model.has_spread()) return;
  throw Error{"surrogate '" + surrogate.name + "' would never be trusted",
              "the gate compares the members of an ensemble, and the model is a single one",
              "Give the model two members or more or a Gaussian head, or set trust gate = "
              "\"none\"."};
}

Judge::Judge(const SurrogateSettings& settings, const Signature& signature,
             std::unique_ptr<Model> model)
    : name_(settings.name),
      model_(std::move(model)),
      interior_(settings.grid, signature.outputs),
      gate_(settings.trust, interior_.features()),
      domain_(settings.trust, signature.inputs),
      bounded_(gate_.wants_spread() || domain_.wants_landmarks()),
      loaded_(model_->ready()),
      numbers_(numbers_of(signature.outputs)),
      judged_(interior_.features())
{}

void Judge::read(channel::InLane& lane)
{
  marker_ = lane.header().ticket;
  // A marker may come without weights.
  if (lane.header().count > 0) {
    const auto* numbers = reinterpret_cast<const double*>(lane.data(0));
    limit_ = numbers[0];
    domain_.read(numbers + 1);
    model_->read(lane.data(0) + sizeof(double) * trust_numbers(domain_));
    published_ = lane.header();
  }
  lane.release();
}

bool Judge::take(channel::Lanes& weights)
{
  for (auto& lane : weights.in())
    while (lane.ready()) read(lane);
  return ready();
}

// There is one lane: one training rank publishes.
bool Judge::reach(channel::Lanes& weights, std::int64_t marker)
{
  for (auto& lane : weights.in())
    while (marker_ < marker && lane.ready()) read(lane);
  return marker_ >= marker || weights.drained();
}

bool Judge::answer(const Batch& inputs, std::byte* const* outputs, Verdict* verdicts)
{
  const auto count = static_cast<std::size_t>(inputs.count);
  if (count > inside_.size()) {
    inside_.resize(count);
    if (gate_.wants_spread()) spread_.resize(count * static_cast<std::size_t>(numbers_));
  }
  try {
    double* spread = gate_.wants_spread() ? spread_.data() : nullptr;
    model_->predict(inputs, {outputs, spread});
    // A model from a file has learned nothing here: it has no range until training publishes one.
    const bool bounded = bounded_ && published_.version > 0;
    if (bounded) domain_.judge(inputs, inside_.data());
    gate_.judge(interior_.cut({inputs.count, outputs}, judged_),
                interior_.cut(spread, inputs.count, judged_spread_),
                bounded ? inside_.data() : nullptr, limit_, verdicts);
    return true;
  } catch (const std::exception& error) {
    // A model that fails must not stop the simulation: the solver does the work from here on.
    log("the model of '", name_, "' failed and is not used any more: ", error.what());
    failed_ = true;
    return false;
  }
}

}  // namespace cardan::closure
