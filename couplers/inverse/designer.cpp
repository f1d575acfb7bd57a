#include "couplers/inverse/designer.hpp"

#include "support/clock.hpp"

#include <cardan/archive.hpp>
#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace cardan::inverse {

namespace {

/// Evaluations of the surrogate in one search along it.
constexpr int most_looks = 200;

}  // namespace

// The search is in units of the prior's deviations, from its mean.
Designer::Designer(const Settings& settings, const Measure& measure, const std::vector<int>& starts,
                   std::unique_ptr<Predictor> predictor)
    : settings_(settings),
      measure_(measure),
      predictor_(std::move(predictor)),
      by_surrogate_(!measure.has_gradient),
      best_value_(std::numeric_limits<double>::infinity())
{
  if (by_surrogate_ && (!predictor_ || !predictor_->has_gradient()))
    throw Error{
        fmt::format("the design of inverse problem '{}' has no gradient to follow", settings.name),
        predictor_ ? "its surrogate gives none, and there is no pull_back"
                   : "there is neither a pull_back nor a surrogate",
        "Give the problem a pull_back, or write first_stage = { model = { kind = \"mlp\" } "
        "} and run with ML ranks."};
  report_.misfit = std::numeric_limits<double>::infinity();
  const auto n = static_cast<std::int64_t>(measure.parameters());
  const std::int64_t wanted = settings.design.solves > 0 ? settings.design.solves : 10 * n;
  first_solves_ = (wanted + settings.chains - 1) / settings.chains;
  const Lbfgs::Limits limits{settings.design.iterations, settings.design.tolerance};
  starts_.reserve(starts.size());
  for (const int number : starts) {
    Random random{static_cast<std::uint64_t>(settings.seed), static_cast<std::uint64_t>(number)};
    std::vector<double> theta = measure.start;
    for (std::size_t i = 0; number > 0 && i < theta.size(); ++i)
      theta[i] += settings.scatter * measure.prior_deviation[i] * random.normal();
    starts_.push_back(
        {number, random, Lbfgs{scaled(theta), limits}, State::wants, theta, 0, {}, {}});
  }
}

std::vector<double> Designer::scaled(const std::vector<double>& theta) const
{
  std::vector<double> result(theta.size());
  for (std::size_t i = 0; i < theta.size(); ++i)
    result[i] = (theta[i] - measure_.prior_mean[i]) / measure_.prior_deviation[i];
  return result;
}

std::vector<double> Designer::theta_of(const std::vector<double>& scaled_theta) const
{
  std::vector<double> result(scaled_theta.size());
  for (std::size_t i = 0; i < result.size(); ++i)
    result[i] = measure_.prior_mean[i] + measure_.prior_deviation[i] * scaled_theta[i];
  return result;
}

void Designer::begin()
{
  began_ = clock();
  // A second run has nothing to add to searches that are over.
  done_ = begun_ || starts_.empty();
  begun_ = true;
}

std::optional<Engine::Ask> Designer::next()
{
  for (std::size_t i = 0; i < starts_.size(); ++i) {
    const std::size_t index = (turn_ + i) % starts_.size();
    Start& start = starts_[index];
    if (start.state != State::wants) continue;
    turn_ = index + 1;
    start.state = State::asked;
    const std::uint32_t version = predictor_ ? predictor_->version() : 0;
    return Ask{static_cast<std::int64_t>(index), !by_surrogate_, version, start.theta};
  }
  return {};
}

void Designer::again(std::int64_t id)
{
  starts_[static_cast<std::size_t>(id)].state = State::wants;
}

double Designer::prior(std::span<const double> scaled_theta, std::span<double> gradient) const
{
  double sum = 0;
  for (std::size_t i = 0; i < scaled_theta.size(); ++i) {
    sum += 0.5 * settings_.design.prior * scaled_theta[i] * scaled_theta[i];
    if (!gradient.empty()) gradient[i] += settings_.design.prior * scaled_theta[i];
  }
  return sum;
}

void Designer::note(std::span<const double> theta, double misfit)
{
  report_.misfits.push_back(misfit);
  if (!std::isfinite(misfit)) {
    ++report_.failed;
    return;
  }
  const double value = misfit + prior(scaled(std::vector<double>(theta.begin(), theta.end())), {});
  if (!(value < best_value_)) return;
  best_value_ = value;
  report_.misfit = misfit;
  report_.design.assign(theta.begin(), theta.end());
}

void Designer::answer(std::int64_t id, std::span<const double> numbers)
{
  Start& start = starts_[static_cast<std::size_t>(id)];
  report_.solves += by_surrogate_ ? 1 : 2;
  const double misfit = -measure_.log_likelihood(numbers.first(measure_.data.size()));
  note(start.theta, misfit);
  if (by_surrogate_)
    follow(start, numbers, misfit);
  else {
    std::vector<double> gradient(measure_.parameters());
    const auto of_likelihood = numbers.last(gradient.size());
    for (std::size_t i = 0; i < gradient.size(); ++i)
      gradient[i] = -of_likelihood[i] * measure_.prior_deviation[i];
    const double value = misfit + prior(start.search.trial(), gradient);
    start.search.give(value, gradient);
    start.theta = theta_of(start.search.trial());
    start.state = start.search.done() ? State::over : State::wants;
  }
  const auto over = [](const Start& each) { return each.state == State::over; };
  if (!std::all_of(starts_.begin(), starts_.end(), over)) return;
  done_ = true;
  report_.seconds += static_cast<double>(clock() - began_) * 1e-9;
}

/// Without a gradient of the problem's: first points about the start from which the surrogate
/// learns, then where it would go, solved and learned from, until it goes nowhere new.
void Designer::follow(Start& start, std::span<const double> numbers, double misfit)
{
  if (std::isfinite(misfit)) {
    start.solved_thetas.insert(start.solved_thetas.end(), start.theta.begin(), start.theta.end());
    start.solved_predictions.insert(
        start.solved_predictions.end(), numbers.begin(),
        numbers.begin() + static_cast<std::ptrdiff_t>(measure_.data.size()));
  }
  ++start.rounds;
  if (start.rounds < first_solves_) {
    ++report_.solves_before;
    start.theta = measure_.start;
    for (std::size_t i = 0; i < start.theta.size(); ++i)
      start.theta[i] +=
          std::max(settings_.scatter, 0.1) * measure_.prior_deviation[i] * start.random.normal();
    start.state = State::wants;
    return;
  }
  const bool enough = start.rounds >= first_solves_ + settings_.design.iterations;
  start.state = enough ? State::over : State::waits;
}

bool Designer::work()
{
  if (done_ || !by_surrogate_) return false;
  if (training_) {
    if (!predictor_->learn(settings_.first_stage->slice)) return true;
    training_ = false;
    for (Start& start : starts_)
      if (start.state == State::waits) look(start);
    return true;
  }
  const auto asks = [](const Start& start) {
    return start.state == State::wants || start.state == State::asked;
  };
  if (std::any_of(starts_.begin(), starts_.end(), asks)) return false;
  const std::size_t n = measure_.parameters();
  const std::size_t m = measure_.data.size();
  for (Start& start : starts_) {
    for (std::size_t i = 0; i < start.solved_thetas.size() / n; ++i)
      predictor_->add({start.solved_thetas.data() + i * n, n},
                      {start.solved_predictions.data() + i * m, m});
    start.solved_thetas.clear();
    start.solved_predictions.clear();
  }
  training_ = true;
  return true;
}

/// A search along the surrogate, from the best point solved or from where the start is, not
/// further than the surrogate may be believed.
void Designer::look(Start& start)
{
  constexpr double far = 1.0;
  const std::vector<double> from = start.number % 2 == 0 && !report_.design.empty()
                                       ? scaled(report_.design)
                                       : scaled(start.theta);
  Lbfgs search{from, {settings_.design.iterations, settings_.design.tolerance}};
  std::vector<double> gradient(from.size());
  std::vector<double> predicted(measure_.data.size());
  for (int looks = 0; looks < most_looks && !search.done(); ++looks) {
    const auto theta = theta_of(search.trial());
    const double value = predictor_->gradient(theta, gradient);
    for (std::size_t i = 0; i < gradient.size(); ++i) gradient[i] *= -measure_.prior_deviation[i];
    double away = 0;
    for (std::size_t i = 0; i < from.size(); ++i) {
      const double distance = search.trial()[i] - from[i];
      away = std::max(away, std::abs(distance));
    }
    const double total = -value + prior(search.trial(), gradient);
    search.give(away > far ? std::numeric_limits<double>::infinity() : total, gradient);
  }
  start.theta = theta_of(search.best());
  start.state = State::wants;
}

InverseReport Designer::report() const
{
  InverseReport report = report_;
  report.versions = predictor_ ? predictor_->version() : 0;
  for (const Start& start : starts_) report.steps += start.search.iterations();
  return report;
}

void Designer::leave(const std::string& path) const
{
  Archive archive{MPI_COMM_SELF, path, Archive::Mode::create};
  archive.attribute("/", "inverse", settings_.name);
  archive.attribute("/", "solves", report_.solves);
  archive.attribute("/", "misfit", report_.misfit);
  archive.series("design", report_.design);
  archive.series("misfits", report_.misfits);
  archive.close();
}

}  // namespace cardan::inverse
