#include "couplers/closure/training.hpp"

#include "couplers/closure/rows.hpp"
#include "support/log.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace cardan::closure {

namespace {
/// What travels behind the gradient in each round.
enum Extra : std::size_t { samples, loss_sum, at_end, extras };

std::uint64_t seed_of(const Context& context, std::uint64_t stream)
{
  return static_cast<std::uint64_t>(context.settings.seed) * 1000003U + stream * 8191U +
         static_cast<std::uint64_t>(mpi::rank(context.everyone.get()));
}
}  // namespace

Training::Training(const Context& context, Streams& streams, const SurrogateSettings& surrogate,
                   const TrainingSettings& settings, std::unique_ptr<Learner> learner)
    : context_(context),
      streams_(streams),
      name_(surrogate.name),
      gate_(surrogate.trust, streams.fields.signature().outputs),
      settings_(settings),
      learner_(std::move(learner)),
      buffer_(settings.capacity, streams.fields.signature(), seed_of(context, 1)),
      held_out_(std::max<std::int64_t>(
                    64, std::min<std::int64_t>(6000, static_cast<std::int64_t>(
                                                         settings.validation *
                                                         static_cast<double>(settings.capacity)))),
                streams.fields.signature(), seed_of(context, 2)),
      gradient_(learner_->gradient_size() + extras),
      state_((state_bytes(*learner_) + 7) / 8),
      owed_(streams.weights->out().size(), false)
{
  std::int64_t most = 0;
  for (const auto& lane : streams.observation->in()) most = std::max(most, lane.capacity());
  const Signature signature = streams.fields.signature();
  row_inputs_.resize(static_cast<std::size_t>(most * signature.inputs));
  row_targets_.resize(static_cast<std::size_t>(most * signature.outputs));
}

/// Takes what arrived into the buffer; every so many-th sample is held out for validation.
bool Training::take_in()
{
  const Signature signature = streams_.fields.signature();
  const auto every = std::max<std::int64_t>(2, std::llround(1 / settings_.validation));
  bool any = false;
  for (auto& lane : streams_.observation->in()) {
    while (lane.ready()) {
      any = true;
      const std::int64_t count = lane.header().count;
      pack(lane, 0, streams_.fields.inputs, count, row_inputs_.data());
      pack(lane, streams_.fields.inputs.size(), streams_.fields.outputs, count,
           row_targets_.data());
      newest_step_ = std::max(newest_step_, lane.header().step);
      lane.release();
      learner_->see({row_inputs_.data(), count, signature.inputs},
                    {row_targets_.data(), count, signature.outputs});
      for (std::int64_t r = 0; r < count; ++r)
        (++arrived_ % every == 0 ? held_out_ : buffer_)
            .add(row_inputs_.data() + r * signature.inputs,
                 row_targets_.data() + r * signature.outputs);
    }
  }
  return any;
}

/// Training rests when each sample was used often enough on average: an idle core is then the
/// simulation's.
bool Training::wants_to_learn() const
{
  return !diverged_ && arrived_ * mpi::size(context_.training.get()) >= settings_.warmup &&
         held_out_.size() > 0 && buffer_.size() > 0 &&
         static_cast<double>(steps_ * settings_.batch) <
             settings_.passes * static_cast<double>(buffer_.seen());
}

bool Training::poll()
{
  const bool took = take_in();
  const bool learned = learn();
  publish();
  return took || learned;
}

void Training::sum(std::vector<double>& values, MPI_Op operation) const
{
  MPI_Request request = MPI_REQUEST_NULL;
  mpi::check(MPI_Iallreduce(MPI_IN_PLACE, values.data(), static_cast<int>(values.size()),
                            MPI_DOUBLE, operation, context_.training.get(), &request),
             "MPI_Iallreduce");
  mpi::wait(request, context_.deadline(), "training (a sum over training ranks)");
}

void Training::normalise()
{
  Tally tally = learner_->tally();
  sum(tally.sums, MPI_SUM);
  sum(tally.maxima, MPI_MAX);
  learner_->normalise(tally);
  normalised_ = true;
}

// Samples decide the weight of a rank's gradient, so the average is that of one rank with the
// joined batch. The end of the streams travels along: all ranks leave after the same round.
bool Training::learn()
{
  const bool end = streams_.observation->drained();
  bool mine = !end && wants_to_learn();
  if (mpi::size(context_.training.get()) > 1) {
    std::vector<double> votes{mine ? 1.0 : 0.0, end ? 1.0 : 0.0};
    sum(votes, MPI_SUM);
    finished_ = votes[1] >= mpi::size(context_.training.get());
    if (votes[0] == 0) return false;
  } else {
    finished_ = end;
    if (!mine) return false;
  }
  if (!normalised_) normalise();

  const std::size_t size = learner_->gradient_size();
  std::fill(gradient_.begin(), gradient_.end(), 0.0F);
  if (mine) {
    buffer_.draw(settings_.batch, inputs_, targets_);
    const Signature signature = streams_.fields.signature();
    const double loss =
        learner_->differentiate({inputs_.data(), settings_.batch, signature.inputs},
                                {targets_.data(), settings_.batch, signature.outputs});
    const auto weight = static_cast<float>(settings_.batch);
    std::transform(learner_->gradient(), learner_->gradient() + size, gradient_.begin(),
                   [&](float value) { return value * weight; });
    gradient_[size + samples] = weight;
    gradient_[size + loss_sum] = weight * static_cast<float>(loss);
  }
  if (mpi::size(context_.training.get()) > 1) {
    MPI_Request request = MPI_REQUEST_NULL;
    mpi::check(MPI_Iallreduce(MPI_IN_PLACE, gradient_.data(), static_cast<int>(gradient_.size()),
                              MPI_FLOAT, MPI_SUM, context_.training.get(), &request),
               "MPI_Iallreduce");
    mpi::wait(request, context_.deadline(), "training (gradients)");
  }
  const float total = gradient_[size + samples];
  loss_ = static_cast<double>(gradient_[size + loss_sum] / total);
  if (!std::isfinite(loss_)) {
    log("training of '", name_, "' diverged (the loss is not a number) and stops; version ",
        std::to_string(header_.version), " stays in use");
    diverged_ = true;
    return false;
  }
  std::transform(gradient_.begin(), gradient_.begin() + static_cast<std::ptrdiff_t>(size),
                 learner_->gradient(), [&](float value) { return value / total; });
  learner_->step();
  if (++steps_ % settings_.publish_every == 0) prepare_publication();
  return true;
}

void Training::settle()
{
  if (buffer_.size() > 0)
    buffer_.draw(std::min(settings_.settling, buffer_.size()), inputs_, targets_);
  else
    inputs_.clear();
  const Signature signature = streams_.fields.signature();
  const auto count = static_cast<std::int64_t>(inputs_.size()) / signature.inputs;
  auto sums = learner_->settling_sums({inputs_.data(), count, signature.inputs},
                                      {targets_.data(), count, signature.outputs});
  if (!sums.empty()) sum(sums, MPI_SUM);
  learner_->settle(sums);
}

/// Settles, validates, calibrates and stamps: the state is then owed to every inference rank. All
/// training ranks take part.
void Training::prepare_publication()
{
  normalise();
  settle();
  const Rows inputs = held_out_.inputs();
  const Rows targets = held_out_.targets();
  std::vector<double> validation{0, static_cast<double>(inputs.count)};
  std::vector<double> outputs(static_cast<std::size_t>(targets.count * targets.width));
  std::vector<double> spread(outputs.size());
  std::vector<std::uint8_t> inside(static_cast<std::size_t>(targets.count));
  const Answers answers{outputs.data(), spread.data(), inside.data()};
  if (inputs.count > 0) {
    validation[0] = learner_->validate(inputs, targets) * static_cast<double>(inputs.count);
    learner_->predict(inputs, answers);
  }
  sum(validation, MPI_SUM);
  // The smallest limit of all ranks, and the newest step of all ranks.
  std::vector<double> extremes{-gate_.calibrate(answers, targets),
                               static_cast<double>(newest_step_)};
  sum(extremes, MPI_MAX);
  const double limit = -extremes[0];
  header_.age_step = static_cast<std::int64_t>(extremes[1]);

  header_.version += 1;
  header_.values[0] = loss_;
  header_.values[1] = validation[0] / validation[1];
  header_.trained_steps = static_cast<std::uint32_t>(steps_);
  state_[0] = limit;
  learner_->write(reinterpret_cast<std::byte*>(state_.data() + 1));
  std::fill(owed_.begin(), owed_.end(), true);
}

/// A full ring means that the reader has not read the last versions yet: the newest is kept until
/// there is room.
void Training::publish()
{
  auto& lanes = streams_.weights->out();
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    if (!owed_[i] || !lanes[i].room()) continue;
    const auto count = static_cast<std::int64_t>(state_.size());
    channel::Header header = header_;
    header.count = count;
    lanes[i].put_samples(0, Field{std::span<const double>(state_)}, 0, count);
    lanes[i].publish(header);
    owed_[i] = false;
  }
}

}  // namespace cardan::closure
