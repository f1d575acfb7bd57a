// Epochs of a built-in training, on one rank or several.

#include "couplers/federation/joined.hpp"
#include "couplers/tuning/pupil.hpp"
#include "support/host_threads.hpp"
#include "support/splitmix.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

namespace cardan::tuning {

namespace {

using Use = Samples::Use;

/// Ranks of a trial wait so long for each other, in units of the run's deadline.
constexpr double patient = 10;

}  // namespace

// All ranks of a trial have all samples, though not in the same order: each takes its share of a
// mini-batch. What the first of them knows is what counts.
double Pupils::train(Pupil& pupil, const TuningTrial& trial, std::int64_t epochs, Samples& samples)
{
  const HostThreads restored;
  samples.refresh();
  const double patience = patient * context_.settings.deadline;
  const int ranks = mpi::size(trial.comm);
  const int rank = mpi::rank(trial.comm);
  const Batch inputs = samples.inputs(Use::training).batch();
  const Batch outputs = samples.outputs(Use::training).batch();
  const auto first = [&](std::span<double> numbers) {
    if (rank != 0) std::fill(numbers.begin(), numbers.end(), 0);
    federation::add(trial.comm, patience, numbers, "the ranks of a trial");
  };
  double known[2] = {static_cast<double>(inputs.count), static_cast<double>(pupil.normalised)};
  first(known);
  const auto count = static_cast<std::int64_t>(known[0]);
  if (count == 0 || inputs.count == 0)
    throw Error{fmt::format("tuning '{}' has no samples to train on", settings_.name),
                "none were observed, and none were made before the first trial",
                "Call Tuning::observe, or give simulate and [tuning.NAME.move] first."};

  Learner& learner = *pupil.learner;
  const auto part = [](const closure::Columns& columns, std::int64_t from) {
    std::vector<const std::byte*> at;
    const Batch batch = columns.batch();
    for (std::size_t f = 0; f < columns.features().size(); ++f)
      at.push_back(batch.columns[f] + from * columns.features()[f].bytes());
    return at;
  };
  if (pupil.seen < inputs.count) {
    const auto x = part(samples.inputs(Use::training), pupil.seen);
    const auto y = part(samples.outputs(Use::training), pupil.seen);
    const std::int64_t more = inputs.count - pupil.seen;
    learner.see({more, x.data()}, {more, y.data()});
    pupil.seen = inputs.count;
  }
  // When there are half as many again.
  if (2 * count >= 3 * static_cast<std::int64_t>(known[1]) || known[1] == 0) {
    Tally tally = learner.tally();
    first(tally.sums);
    first(tally.maxima);
    if (count != static_cast<std::int64_t>(known[1])) learner.normalise(tally);
    pupil.normalised = count;
  }

  double sum = 0;
  std::int64_t steps = 0;
  std::vector<std::int64_t> order(static_cast<std::size_t>(count));
  for (std::int64_t e = 0; e < epochs && !learner.buckets().empty(); ++e) {
    std::iota(order.begin(), order.end(), 0);
    Random random{scatter(trial.seed, trial.epochs + e)};
    for (std::size_t i = order.size() - 1; i > 0; --i)
      std::swap(order[i], order[random.below(i + 1)]);
    for (std::int64_t b = 0; b < (count + pupil.batch - 1) / pupil.batch; ++b) {
      const std::int64_t end = std::min(count, (b + 1) * pupil.batch);
      pupil.some_inputs.resize(0);
      pupil.some_outputs.resize(0);
      for (std::int64_t i = b * pupil.batch + rank; i < end; i += ranks) {
        const std::int64_t row = order[static_cast<std::size_t>(i)] % inputs.count;
        pupil.some_inputs.append(inputs, row);
        pupil.some_outputs.append(outputs, row);
      }
      const auto again = [&] {
        return federation::differentiate(learner, pupil.some_inputs.batch(),
                                         pupil.some_outputs.batch(), trial.comm, patience,
                                         "of a trial");
      };
      const double loss = again();
      sum += loss;
      ++steps;
      learner.step(loss, again);
    }
  }
  learner.settle(learner.settling_sums(inputs, outputs));
  if (rank != 0) return 0;
  const Batch judged = samples.inputs(Use::held_out).batch();
  if (judged.count > 0) return learner.validate(judged, samples.outputs(Use::held_out).batch());
  return steps > 0 ? sum / static_cast<double>(steps) : learner.validate(inputs, outputs);
}

}  // namespace cardan::tuning
