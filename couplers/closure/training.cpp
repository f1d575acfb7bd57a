// Rounds: what arrives is taken in, gradients are averaged, the optimiser steps.

#include "couplers/closure/training.hpp"

#include "couplers/closure/recorded.hpp"
#include "support/log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace cardan::closure {

namespace {
/// The columns of samples from the `first` on.
const std::byte* const* some_of(const Features& features, const Batch& batch, std::int64_t first,
                                std::vector<const std::byte*>& columns)
{
  columns.resize(features.size());
  for (std::size_t f = 0; f < features.size(); ++f)
    columns[f] = batch.columns[f] + first * features[f].bytes();
  return columns.data();
}

std::uint64_t seed_of(const Context& context, std::uint64_t stream)
{
  return static_cast<std::uint64_t>(context.settings.seed) * 1000003U + stream * 8191U +
         static_cast<std::uint64_t>(mpi::rank(context.everyone.get()));
}
/// A share of what the buffer holds, but enough to say something and not more than is soon
/// evaluated.
BufferSettings held_out_settings(const TrainingSettings& settings)
{
  const double share = settings.validation * static_cast<double>(settings.buffer.capacity);
  BufferSettings held_out;
  held_out.capacity = std::clamp<std::int64_t>(static_cast<std::int64_t>(share), 64, 6000);
  // It forgets as the buffer does.
  if (settings.buffer.kind == BufferSettings::Kind::fifo) held_out.kind = settings.buffer.kind;
  return held_out;
}

}  // namespace

Training::Training(const Context& context, Streams& streams, const SurrogateSettings& surrogate,
                   const TrainingSettings& settings, std::unique_ptr<Learner> learner)
    : context_(context),
      streams_(streams),
      name_(surrogate.name),
      signature_(streams.fields.signature()),
      settings_(settings),
      grid_(surrogate.grid),
      source_(make_source(streams)),
      interior_(surrogate.grid, streams.fields.signature().outputs),
      gate_(surrogate.trust, interior_.features()),
      domain_(surrogate.trust, streams.fields.signature().inputs),
      learner_(std::move(learner)),
      gradients_(streams.team.training.get(), context.settings.deadline),
      buffer_(make_buffer(settings.buffer, streams.fields.signature(), seed_of(context, 1))),
      held_out_(make_buffer(held_out_settings(settings), streams.fields.signature(),
                            seed_of(context, 2))),
      inputs_(streams.fields.signature().inputs),
      targets_(streams.fields.signature().outputs),
      state_(state_numbers(*learner_, domain_)),
      owed_(streams.weights->out().size(), false)
{
  if (!context.settings.deterministic) return;
  auto marked = make_marked_source(streams);
  turn_.emplace();
  turn_->source = marked.get();
  turn_->owed = owed_;
  source_ = std::move(marked);
}

Training::~Training()
{
  if (voting_ != MPI_REQUEST_NULL && mpi::alive()) MPI_Request_free(&voting_);
}

int Training::ranks() const
{
  return mpi::size(streams_.team.training.get());
}

/// Every so many-th sample is held out for validation; the learner never sees it.
void Training::learn_from(const Batch& inputs, const Batch& targets, std::int64_t step)
{
  const auto every = std::max<std::int64_t>(2, std::llround(1 / settings_.validation));
  const Signature& signature = signature_;
  newest_step_ = std::max(newest_step_, step);
  domain_.see(inputs);
  for (std::int64_t r = 0; r < inputs.count;) {
    const std::int64_t end = std::min(inputs.count, r + every - 1 - arrived_ % every);
    if (end > r) {
      const auto x = some_of(signature.inputs, inputs, r, x_);
      const auto y = some_of(signature.outputs, targets, r, y_);
      learner_->see({end - r, x}, {end - r, y});
    }
    arrived_ += end - r;
    for (; r < end; ++r) buffer_->add(inputs, targets, r, step);
    if (r == inputs.count) break;
    held_out_->add(inputs, targets, r++, step);
    ++arrived_;
  }
}

void Training::learn_from(Recorded& recorded)
{
  Columns inputs{signature_.inputs};
  Columns targets{signature_.outputs};
  while (recorded.next(inputs, targets)) learn_from(inputs.batch(), targets.batch(), 0);
  if (!context_.settings.quiet && mpi::rank(streams_.team.training.get()) == 0)
    log(fmt::format("'{}' learns from {} first: {} samples for the first training rank", name_,
                    settings_.offline->file, recorded.size()));
}

/// Training rests when each sample was used often enough on average: an idle core is then the
/// simulation's. A model without a gradient learns by seeing: its round is a publication.
bool Training::wants_to_learn() const
{
  if (stopped_ || arrived_ * ranks() < settings_.warmup) return false;
  if (held_out_->size() == 0 || buffer_->size() == 0) return false;
  if (learner_->buckets().empty())
    return buffer_->seen() - published_samples_ >= settings_.publish_samples;
  return static_cast<double>(steps_ * settings_.batch) <
         settings_.passes * static_cast<double>(buffer_->seen());
}

void Training::hold(bool wish, std::int64_t mark)
{
  wishes_ = wish;
  if (turn_) hold_at(mark);
  if (!wish) held_ = false;
}

bool Training::poll()
{
  if (held()) return false;
  if (turn_) return take_turn();
  const bool took = source_->take([this](const Batch& inputs, const Batch& targets,
                                         std::int64_t step) { learn_from(inputs, targets, step); });
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
  const bool drained = source_->drained();
  // In a deterministic run a model that is written has learned from all samples, also from those
  // behind the last mark.
  const bool last = turn_ && !settings_.save.empty() && !context_.parting;
  const bool due = (!drained || last) && wants_to_learn();
  vote_ = {due ? 1 : 0, drained && !due ? 1 : 0, wishes_ ? 1 : 0};
  if (turn_) vote_on_turn();
  if (ranks() == 1) {
    votes_ = vote_;
    return;
  }
  mpi::check(MPI_Iallreduce(vote_.data(), votes_.data(), votes, MPI_INT, MPI_SUM,
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
  finished_ = votes_[end_vote] == ranks();
  held_ = votes_[wish_vote] == ranks();
  const bool at_mark = !turn_ || votes_[at_mark_vote] == ranks();
  return finished_ || held_ || !at_mark ? 0 : votes_[samples_vote];
}

void Training::normalise()
{
  Tally tally = learner_->tally();
  if (!tally.sums.empty()) sum(tally.sums, MPI_SUM);
  if (!tally.maxima.empty()) sum(tally.maxima, MPI_MAX);
  learner_->normalise(tally);
  auto range = domain_.range();
  Interior{grid_, signature_.inputs}.share(range);
  sum(range, MPI_MAX);
  domain_.join(range);
  if (normalised_) return;
  normalised_ = true;
  learner_->keep();
}

// The vote about the next round travels beside this round's work, but for a deterministic run,
// where a round depends on the one before.
bool Training::learn()
{
  const int participants = count_votes();
  if (finished_) {
    // What was learned since the last publication is not lost.
    if (context_.parting) return false;
    if (!settings_.save.empty() && steps_ % settings_.publish_every != 0) prepare_publication();
    report();
    if (!settings_.save.empty()) save();
    return false;
  }
  const bool mine = vote_[samples_vote] != 0;
  if (participants == 0) return false;
  if (!normalised_) normalise();
  const bool by_gradient = !learner_->buckets().empty();
  if (by_gradient) {
    if (mine)
      buffer_->draw(settings_.batch, inputs_, targets_);
    else
      inputs_.resize(0);
    if (ranks() > 1 && !turn_) vote();
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
  const BufferCounters held = buffer_->counters(newest_step_);
  // Without a gate there is no tolerance.
  std::string trust;
  if (gate_.wants_spread())
    trust = fmt::format(
        "; on held-out samples {:.1f} % are trusted, {:.2f} % of them within the tolerance",
        100 * calibration_.trusted, 100 * calibration_.coverage);
  log(
      fmt::format("training of '{}' ended after {} steps: {} versions, loss {:.3g}, validation "
                  "{:.3g}, {} roll-backs{}",
                  name_, steps_, header_.version, loss_, header_.values[1], roll_backs_, trust));
  log(
      fmt::format("its buffer on the first training rank: {} of {} samples held ({} dropped, {} "
                  "evicted), each drawn {:.1f} times on average (at least {}), {:.0f} steps old "
                  "(at most {})",
                  held.size, held.seen, held.dropped, held.evicted, held.mean_hits, held.least_hits,
                  held.mean_age, held.largest_age));
}

}  // namespace cardan::closure
