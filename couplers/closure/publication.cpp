// Publication: weights are settled, validated, calibrated, stamped, and sent when there is room.

#include "couplers/closure/training.hpp"
#include "support/log.hpp"
#include "support/sha256.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace cardan::closure {

std::int64_t short_hash(const std::string& digest)
{
  return static_cast<std::int64_t>(std::stoull(digest.substr(0, 16), nullptr, 16));
}

std::size_t state_numbers(const Learner& learner, const Domain& domain)
{
  return trust_numbers(domain) + (learner.state_bytes() + sizeof(double) - 1) / sizeof(double);
}

void Training::settle()
{
  if (buffer_->size() > 0) {
    buffer_->draw(std::min(settings_.settling, buffer_->size()), inputs_, targets_);
  } else {
    inputs_.resize(0);
    targets_.resize(0);
  }
  auto sums = learner_->settling_sums(inputs_.batch(), targets_.batch());
  if (!sums.empty()) sum(sums, MPI_SUM);
  learner_->settle(sums);
  if (!domain_.wants_landmarks()) return;
  auto landmarks =
      domain_.landmarks(inputs_.batch(), mpi::rank(streams_.team.training.get()), ranks());
  sum(landmarks, MPI_SUM);
  domain_.set_landmarks(landmarks);
}

/// Counts publications without a better validation loss, for stopping early.
bool Training::improved(double validation)
{
  if (validation < best_ * (1 - settings_.least_improvement)) {
    best_ = validation;
    since_best_ = 0;
    return true;
  }
  if (++since_best_ < settings_.patience || settings_.patience == 0) return false;
  stopped_ = true;
  if (mpi::rank(streams_.team.training.get()) == 0)
    log(
        fmt::format("training of '{}' stops after {} steps: the validation loss has not improved "
                    "for {} publications (best {:.3g})",
                    name_, steps_, since_best_, best_));
  return false;
}

/// The state is then owed to every reader. All training ranks take part.
void Training::prepare_publication()
{
  normalise();
  settle();
  const Batch inputs = held_out_->inputs();
  const Batch targets = held_out_->targets();
  std::vector<double> validation{0, static_cast<double>(inputs.count)};
  Columns outputs{streams_.fields.signature().outputs};
  outputs.resize(inputs.count);
  std::vector<double> spread(static_cast<std::size_t>(
      gate_.wants_spread() ? inputs.count * numbers_of(outputs.features()) : 0));
  if (inputs.count > 0) {
    validation[0] = learner_->validate(inputs, targets) * static_cast<double>(inputs.count);
    learner_->predict(inputs, {outputs.columns(), gate_.wants_spread() ? spread.data() : nullptr});
  }
  sum(validation, MPI_SUM);
  const double mean = validation[0] / validation[1];
  // What was learned in the meantime may be worse than what is in use: it is not published.
  constexpr double hopeless = 100;
  if (!std::isfinite(mean) || (best_ > 0 && mean > hopeless * std::max(best_, 1.0))) {
    roll_back(fmt::format("the validation loss is {:.3g}", mean));
    return;
  }
  learner_->keep();
  static_cast<void>(improved(mean));

  Columns judged{interior_.features()};
  Columns wanted{interior_.features()};
  std::vector<double> judged_spread;
  calibration_ = gate_.calibrate(interior_.cut(outputs.batch(), judged),
                                 interior_.cut(spread.data(), inputs.count, judged_spread),
                                 interior_.cut(targets, wanted));
  // The smallest limit and reach of all ranks that have samples, and the newest step of all ranks.
  const double own_limit =
      inputs.count > 0 ? calibration_.limit : std::numeric_limits<double>::infinity();
  std::vector<double> extremes{-own_limit, domain_.calibrate(inputs),
                               static_cast<double>(newest_step_)};
  sum(extremes, MPI_MAX);
  const double limit = -extremes[0];
  domain_.set_reach(extremes[1]);
  header_.age_step = static_cast<std::int64_t>(extremes[2]);

  header_.version += 1;
  header_.values[0] = std::isnan(loss_) ? mean : loss_;
  header_.values[1] = mean;
  header_.trained_steps = static_cast<std::uint32_t>(steps_);
  state_[0] = limit;
  domain_.write(state_.data() + 1);
  learner_->write(reinterpret_cast<std::byte*>(state_.data() + trust_numbers(domain_)));
  // Weights and answers belong to no step: there the hash travels.
  header_.step = short_hash(sha256(state_.data(), sizeof(double) * state_.size()));
  published_samples_ = buffer_->seen();
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
