// Rounds: what arrives is taken in, gradients are averaged, the optimiser steps.

#include "couplers/closure/training.hpp"

#include "couplers/closure/field_samples.hpp"
#include "support/log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace cardan::closure {

namespace {
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
      settings_(settings),
      gate_(surrogate.trust, streams.fields.signature().outputs),
      domain_(surrogate.trust, streams.fields.signature().inputs),
      learner_(std::move(learner)),
      gradients_(streams.team.training.get(), context.settings.deadline),
      buffer_(settings.capacity, streams.fields.signature(), seed_of(context, 1)),
      held_out_(std::max<std::int64_t>(
                    64, std::min<std::int64_t>(6000, static_cast<std::int64_t>(
                                                         settings.validation *
                                                         static_cast<double>(settings.capacity)))),
                streams.fields.signature(), seed_of(context, 2)),
      inputs_(streams.fields.signature().inputs),
      targets_(streams.fields.signature().outputs),
      slot_(streams.fields.inputs.size() + streams.fields.outputs.size()),
      state_(state_numbers(*learner_, domain_)),
      owed_(streams.weights->out().size(), false)
{}

Training::~Training()
{
  if (voting_ != MPI_REQUEST_NULL && mpi::alive()) MPI_Request_free(&voting_);
}

int Training::ranks() const
{
  return mpi::size(streams_.team.training.get());
}

/// Takes what arrived into the buffer; every so many-th sample is held out for validation.
bool Training::take_in()
{
  const std::size_t inputs = streams_.fields.inputs.size();
  const auto every = std::max<std::int64_t>(2, std::llround(1 / settings_.validation));
  bool any = false;
  for (auto& lane : streams_.observation->in()) {
    while (lane.ready()) {
      any = true;
      for (std::size_t f = 0; f < slot_.size(); ++f) slot_[f] = lane.data(f);
      const std::int64_t count = lane.header().count;
      const Batch x{count, slot_.data()};
      const Batch y{count, slot_.data() + inputs};
      newest_step_ = std::max(newest_step_, lane.header().step);
      learner_->see(x, y);
      domain_.see(x);
      for (std::int64_t r = 0; r < count; ++r)
        (++arrived_ % every == 0 ? held_out_ : buffer_).add(x, y, r);
      lane.release();
    }
  }
  return any;
}

/// Training rests when each sample was used often enough on average: an idle core is then the
/// simulation's. A model without a gradient learns by seeing: its round is a publication.
bool Training::wants_to_learn() const
{
  if (stopped_ || arrived_ * ranks() < settings_.warmup) return false;
  if (held_out_.size() == 0 || buffer_.size() == 0) return false;
  if (learner_->buckets().empty())
    return buffer_.seen() - published_samples_ >= settings_.publish_samples;
  return static_cast<double>(steps_ * settings_.batch) <
         settings_.passes * static_cast<double>(buffer_.seen());
}

void Training::hold(bool wish)
{
  wishes_ = wish;
  if (!wish) held_ = false;
}

bool Training::poll()
{
  if (held()) return false;
  const bool took = take_in();
  const bool learned = learn();
  publish();
  return took || learned;
}

void Training::sum(std::vector<double>& values, MPI_Op operation) const
{
  MPI_Request request = MPI_REQUEST_NULL;
  mpi::check(MPI_Iallreduce(MPI_IN_PLACE, values.data(), static_cast<int>(values.size()),
                            MPI_DOUBLE, operation, streams_.team.training.get(), &request),
             "MPI_Iallreduce");
  mpi::wait(request, context_.deadline(), "training (a sum over training ranks)");
}

void Training::vote()
{
  const bool end = streams_.observation->drained();
  vote_ = {!end && wants_to_learn() ? 1 : 0, end ? 1 : 0, wishes_ ? 1 : 0};
  if (ranks() == 1) {
    votes_ = vote_;
    return;
  }
  mpi::check(MPI_Iallreduce(vote_.data(), votes_.data(), 3, MPI_INT, MPI_SUM,
                            streams_.team.training.get(), &voting_),
             "MPI_Iallreduce");
}

/// How many ranks have samples for this round. The end of the streams travels along: all ranks
/// leave after the same round.
int Training::count_votes()
{
  if (ranks() > 1 && voting_ == MPI_REQUEST_NULL) vote();
  if (ranks() == 1)
    vote();
  else
    mpi::wait(voting_, context_.deadline(), "training (a round)");
  finished_ = votes_[1] == ranks();
  held_ = votes_[2] == ranks();
  return finished_ || held_ ? 0 : votes_[0];
}

void Training::normalise()
{
  Tally tally = learner_->tally();
  if (!tally.sums.empty()) sum(tally.sums, MPI_SUM);
  if (!tally.maxima.empty()) sum(tally.maxima, MPI_MAX);
  learner_->normalise(tally);
  auto range = domain_.range();
  sum(range, MPI_MAX);
  domain_.join(range);
  if (normalised_) return;
  normalised_ = true;
  learner_->keep();
}

// The vote about the next round travels beside this round's work.
bool Training::learn()
{
  const int participants = count_votes();
  if (finished_) {
    // What was learned since the last publication is not lost.
    if (!settings_.save.empty() && steps_ % settings_.publish_every != 0) prepare_publication();
    report();
    if (!settings_.save.empty()) save();
    return false;
  }
  const bool mine = vote_[0] != 0;
  if (participants == 0) return false;
  if (!normalised_) normalise();
  const bool by_gradient = !learner_->buckets().empty();
  if (by_gradient) {
    if (mine)
      buffer_.draw(settings_.batch, inputs_, targets_);
    else
      inputs_.resize(0);
    if (ranks() > 1) vote();
    const auto evaluate = [&] {
      return gradients_.average(*learner_, inputs_.batch(), targets_.batch(), participants);
    };
    loss_ = evaluate();
    if (!std::isfinite(loss_)) {
      roll_back("the loss is not a number");
      return true;
    }
    learner_->step(loss_, evaluate);
  }
  if (++steps_ % settings_.publish_every == 0 || !by_gradient) prepare_publication();
  return true;
}

/// Back to the last good weights, at half the rate; given up for good where that does not help. The
/// same on all training ranks, as they all know the same loss.
void Training::roll_back(const std::string& why)
{
  constexpr int most = 5;
  stopped_ = ++roll_backs_ > most;
  learner_->roll_back(0.5);
  if (mpi::rank(streams_.team.training.get()) != 0) return;
  log(fmt::format("training of '{}' diverged after {} steps ({}): {}", name_, steps_, why,
                  stopped_ ? fmt::format("it stops; version {} stays in use", header_.version)
                           : fmt::format("back to version {}, at half the rate", header_.version)));
}

/// What was published last is what is written; the first training rank writes.
void Training::save() const
{
  if (mpi::rank(streams_.team.training.get()) != 0 || header_.version == 0) return;
  try {
    learner_->save(settings_.save);
    log("wrote the trained model of '", name_, "' to ", settings_.save);
  } catch (const std::exception& error) {
    log("the trained model of '", name_, "' was not written: ", error.what());
  }
}

void Training::report() const
{
  if (context_.settings.quiet || mpi::rank(streams_.team.training.get()) != 0 || steps_ == 0)
    return;
  log(
      fmt::format("training of '{}' ended after {} steps: {} versions, loss {:.3g}, validation "
                  "{:.3g}, {} roll-backs; {} samples seen by the first training rank, {} held",
                  name_, steps_, header_.version, loss_, header_.values[1], roll_backs_,
                  buffer_.seen(), buffer_.size()));
}

}  // namespace cardan::closure
