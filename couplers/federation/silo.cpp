#include "couplers/federation/silo.hpp"

#include "couplers/federation/joined.hpp"

#include <cardan/error.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace cardan::federation {

namespace {

void add_to(const Bucket& bucket, const double* numbers)
{
  const auto add = [&](auto* data) {
    using T = std::remove_pointer_t<decltype(data)>;
    for (std::size_t i = 0; i < bucket.count; ++i)
      data[i] = static_cast<T>(static_cast<double>(data[i]) + numbers[i]);
  };
  if (bucket.dtype == Dtype::float64)
    add(static_cast<double*>(bucket.data));
  else
    add(static_cast<float*>(bucket.data));
}

}  // namespace

Silo::Silo(const Settings& settings, const Signature& signature, std::unique_ptr<Learner> learner,
           double patience, std::uint64_t seed)
    : settings_(settings),
      signature_(signature),
      learner_(std::move(learner)),
      patience_(patience),
      training_(signature, "federation '" + settings.name + "'"),
      held_out_(signature, "federation '" + settings.name + "'"),
      draw_(signature, seed),
      weights_(learner_->weights())
{}

void Silo::observe(Federation::Fields inputs, Federation::Fields outputs)
{
  const std::int64_t first = training_.count();
  training_.add(inputs, outputs);
  const auto from = [&](const Batch& batch, const Features& features) {
    std::vector<const std::byte*> columns;
    for (std::size_t f = 0; f < features.size(); ++f)
      columns.push_back(batch.columns[f] + first * features[f].bytes());
    return columns;
  };
  const auto x = from(training_.inputs(), signature_.inputs);
  const auto y = from(training_.targets(), signature_.outputs);
  const std::int64_t count = training_.count() - first;
  if (count > 0) learner_->see({count, x.data()}, {count, y.data()});
}

void Silo::hold_out(Federation::Fields inputs, Federation::Fields outputs)
{
  held_out_.add(inputs, outputs);
}

void Silo::add(std::span<double> numbers, const char* what) const
{
  federation::add(comm_, patience_, numbers, what);
}

void Silo::share(void* bytes, std::size_t count, const char* what) const
{
  if (mpi::size(comm_) == 1 || count == 0) return;
  constexpr std::size_t most = 1U << 30U;
  for (std::size_t at = 0; at < count; at += most) {
    MPI_Request request = MPI_REQUEST_NULL;
    mpi::check(
        MPI_Ibcast(static_cast<std::byte*>(bytes) + at,
                   static_cast<int>(std::min(most, count - at)), MPI_BYTE, 0, comm_, &request),
        "MPI_Ibcast");
    mpi::wait(request, mpi::Deadline::in(patience_), what);
  }
}

std::vector<double> Silo::tally()
{
  Tally mine = learner_->tally();
  add(mine.sums, "the sums over a silo's samples");
  if (mpi::size(comm_) > 1 && !mine.maxima.empty()) {
    MPI_Request request = MPI_REQUEST_NULL;
    mpi::check(
        MPI_Iallreduce(MPI_IN_PLACE, mine.maxima.data(), static_cast<int>(mine.maxima.size()),
                       MPI_DOUBLE, MPI_MAX, comm_, &request),
        "MPI_Iallreduce");
    mpi::wait(request, mpi::Deadline::in(patience_), "the maxima over a silo's samples");
  }
  mine.sums.insert(mine.sums.end(), mine.maxima.begin(), mine.maxima.end());
  return mine.sums;
}

void Silo::begin(const std::vector<double>& joined)
{
  if (!joined.empty()) {
    const auto sums = static_cast<std::ptrdiff_t>(learner_->tally().sums.size());
    learner_->normalise(
        {{joined.begin(), joined.begin() + sums}, {joined.begin() + sums, joined.end()}});
  }
  learner_->keep();
}

std::int64_t Silo::samples()
{
  double count = static_cast<double>(training_.count());
  add({&count, 1}, "the samples of a silo");
  return static_cast<std::int64_t>(count);
}

std::int64_t Silo::steps_of(std::int64_t joined) const
{
  const auto& local = settings_.local;
  if (local.steps > 0) return local.steps;
  const std::int64_t batch = local.batch > 0 ? std::min(local.batch, joined) : joined;
  return local.epochs * ((joined + batch - 1) / batch);
}

// The weights that a round begins with are kept and gone back to, which restarts the optimiser and
// nothing else.
Trained Silo::train(std::span<const double> global)
{
  Trained trained{std::numeric_limits<double>::quiet_NaN(), 0};
  const std::int64_t joined = samples();
  if (spoiled_) learner_->roll_back(1);
  learner_->set_weights(global.data());
  learner_->keep();
  if (settings_.local.restart && !spoiled_) learner_->roll_back(1);
  spoiled_ = false;
  if (joined == 0) return trained;
  // Ranks draw in proportion to what they have.
  batch_ = settings_.local.batch;
  if (batch_ > 0) batch_ = (std::min(batch_, joined) * training_.count() + joined - 1) / joined;
  double sum = 0;
  for (const std::int64_t steps = steps_of(joined); trained.steps < steps; ++trained.steps) {
    draw_.next(training_, batch_);
    const double loss = differentiate(global);
    sum += last_loss_;
    learner_->step(loss, [&] { return differentiate(global); });
  }
  trained.loss = sum / static_cast<double>(trained.steps);
  learner_->get_weights(weights_.data());
  spoiled_ =
      !std::all_of(weights_.begin(), weights_.end(), [](double w) { return std::isfinite(w); });
  return trained;
}

/// Loss and gradient at the present weights, the proximal term included.
double Silo::differentiate(std::span<const double> global)
{
  last_loss_ = federation::differentiate(*learner_, draw_.inputs(), draw_.targets(), comm_,
                                         patience_, "of a silo");
  return settings_.mu > 0 ? last_loss_ + hold_near(global) : last_loss_;
}

// FedProx (Li, Sahu, Zaheer, Sanjabi, Talwalkar and Smith 2020): the local loss and
// mu / 2 |w - global|^2.
double Silo::hold_near(std::span<const double> global)
{
  learner_->get_weights(weights_.data());
  double squares = 0;
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    weights_[i] -= global[i];
    squares += weights_[i] * weights_[i];
    weights_[i] *= settings_.mu;
  }
  std::size_t at = 0;
  for (const Bucket& bucket : learner_->buckets()) {
    add_to(bucket, weights_.data() + at);
    at += bucket.count;
  }
  return settings_.mu / 2 * squares;
}

void Silo::set(std::span<const double> weights)
{
  learner_->set_weights(weights.data());
  learner_->settle(learner_->settling_sums({}, {}));
}

double Silo::loss_over(const Samples& samples)
{
  double numbers[2] = {0, static_cast<double>(samples.count())};
  if (samples.count() > 0)
    numbers[0] = learner_->validate(samples.inputs(), samples.targets()) * numbers[1];
  add(numbers, "the losses of a silo");
  return numbers[1] > 0 ? numbers[0] / numbers[1] : std::numeric_limits<double>::quiet_NaN();
}

void Silo::predict(Federation::Fields inputs, Federation::Fields outputs)
{
  const std::string what = "federation '" + settings_.name + "'";
  closure::Columns asked{signature_.inputs};
  closure::Columns answers{signature_.outputs};
  append(what, inputs, asked);
  if (samples_of(what, outputs, signature_.outputs) != asked.count())
    throw Error{"inputs and outputs of a prediction have different numbers of samples"};
  answers.resize(asked.count());
  if (asked.count() > 0) learner_->predict(asked.batch(), {answers.columns(), nullptr});
  store(what, answers, outputs);
}

}  // namespace cardan::federation
