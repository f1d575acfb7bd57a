#include "couplers/inverse/predictor.hpp"

#include "couplers/inverse/batch_columns.hpp"
#include "couplers/inverse/covariance.hpp"
#include "couplers/inverse/whitening.hpp"
#include "support/finite.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace cardan::inverse {

namespace {

/// What a likelihood is where the surrogate has no number: low, but such that a chain that is there
/// can leave.
constexpr double hopeless = -1e6;

}  // namespace

void Predictor::solve_coarsely(std::span<const double> theta, double* predicted)
{
  coarse_(theta, {predicted, data_});
  ++coarse_solves_;
}

void Predictor::predict_rests(const double* thetas, const double* coarse, std::size_t count,
                              double* rests)
{
  if (!learner_ || version_ == 0) {
    std::fill_n(rests, count * data_, 0.0);
    return;
  }
  const Columns rows{count, thetas, coarse};
  auto* const column = reinterpret_cast<std::byte*>(rests);
  learner_->predict(rows.batch(), {&column, nullptr});
}

void Predictor::predict(std::span<const double> thetas, std::size_t count,
                        std::span<double> predicted)
{
  std::vector<double> coarse(coarse_ ? count * data_ : 0);
  for (std::size_t i = 0; coarse_ && i < count; ++i)
    solve_coarsely(thetas.subspan(i * parameters_, parameters_), coarse.data() + i * data_);
  predict_rests(thetas.data(), coarse.data(), count, predicted.data());
  for (std::size_t i = 0; i < coarse.size(); ++i) predicted[i] += coarse[i];
}

// The approximation error's mean and covariance (Kaipio and Somersalo 2007; Cui, Fox and O'Sullivan
// 2011), from solves that the surrogate has not seen.
void Predictor::find_errors()
{
  bias_.assign(data_, 0);
  whitening_.clear();
  const std::size_t count = held_.count();
  std::vector<double> errors(count * data_);
  if (settings_.error_model != ErrorModel::none && count >= 10) {
    predict_rests(held_.thetas.data(), held_.coarse.data(), count, errors.data());
    for (std::size_t i = 0; i < errors.size(); ++i) errors[i] = held_.rests[i] - errors[i];
    for (std::size_t i = 0; i < count; ++i)
      for (std::size_t j = 0; j < data_; ++j)
        bias_[j] += errors[i * data_ + j] / static_cast<double>(count);
    for (std::size_t i = 0; i < count; ++i)
      for (std::size_t j = 0; j < data_; ++j) errors[i * data_ + j] -= bias_[j];
    whitening_ = whitening_of(measure_.data_deviation, errors, count,
                              settings_.error_model == ErrorModel::full);
  } else {
    whitening_ = whitening_of(measure_.data_deviation, {}, 0, false);
  }
}

void Predictor::ask(std::span<const double> thetas, std::size_t count, std::span<double> predicted,
                    std::span<double> log_likelihoods)
{
  if (coarse_) {
    // At first none of them stands where it stood.
    if (asked_.size() != thetas.size()) {
      asked_.assign(thetas.size(), std::numeric_limits<double>::quiet_NaN());
      asked_coarse_.resize(count * data_);
    }
    for (std::size_t i = 0; i < count; ++i) {
      const auto theta = thetas.subspan(i * parameters_, parameters_);
      double* const before = asked_.data() + i * parameters_;
      if (std::equal(theta.begin(), theta.end(), before)) continue;
      std::copy(theta.begin(), theta.end(), before);
      solve_coarsely(theta, asked_coarse_.data() + i * data_);
    }
  }
  predict_rests(thetas.data(), asked_coarse_.data(), count, predicted.data());
  misfits_.resize(count * data_);
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t j = 0; j < data_; ++j) {
      double& number = predicted[i * data_ + j];
      const double coarse = coarse_ ? asked_coarse_[i * data_ + j] : 0;
      number = (1 + settings_.wrong) * (coarse + number + bias_[j]);
      misfits_[i * data_ + j] = measure_.data[j] - number;
    }
  half_squares(whitening_, misfits_, count, log_likelihoods);
  for (std::size_t i = 0; i < count; ++i) {
    log_likelihoods[i] = -log_likelihoods[i];
    if (!(log_likelihoods[i] > hopeless)) log_likelihoods[i] = hopeless;
  }
}

std::vector<double> Predictor::factor(std::span<const double> thetas, std::size_t count)
{
  constexpr double step = 0.05;
  std::vector<double> points(2 * parameters_ * parameters_);
  std::vector<double> predicted(2 * parameters_ * data_);
  std::vector<double> jacobian(data_ * parameters_);
  Information information{measure_};
  for (std::size_t c = 0; c < count; ++c) {
    for (std::size_t i = 0; i < 2 * parameters_; ++i) {
      double* const point = points.data() + i * parameters_;
      std::copy_n(thetas.data() + c * parameters_, parameters_, point);
      point[i / 2] += (i % 2 == 0 ? step : -step) * measure_.prior_deviation[i / 2];
    }
    predict(points, 2 * parameters_, predicted);
    for (std::size_t i = 0; i < parameters_; ++i)
      for (std::size_t j = 0; j < data_; ++j)
        jacobian[j * parameters_ + i] =
            (predicted[2 * i * data_ + j] - predicted[(2 * i + 1) * data_ + j]) /
            (2 * step * measure_.prior_deviation[i]);
    if (all_finite(jacobian.data(), static_cast<std::int64_t>(jacobian.size())))
      information.add(jacobian);
  }
  return information.factor();
}

double Predictor::gradient(std::span<const double> theta, std::span<double> gradient)
{
  std::vector<double> predicted(data_);
  predict(theta, 1, predicted);
  const double value = measure_.log_likelihood(predicted);
  for (std::size_t j = 0; j < data_; ++j)
    predicted[j] = (measure_.data[j] - predicted[j]) /
                   (measure_.data_deviation[j] * measure_.data_deviation[j]);
  const Columns rows{1, theta.data()};
  learner_->pull_back(rows.batch(), predicted.data(), gradient.data());
  return value;
}

}  // namespace cardan::inverse
