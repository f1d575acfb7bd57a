// What a tuning leaves: its report, and the best trial's state and model.

#include "couplers/tuning/client.hpp"
#include "couplers/tuning/report.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <cstring>

namespace cardan::tuning {

/// The report, and the best state, on all ranks.
void Client::end()
{
  // A rank that has failed is not here, though its alarm may still be under way.
  alarm_.meet(mpi::Deadline::in(patience()), "the end of a tuning");
  std::string bytes(said_.size() * sizeof(double), '\0');
  if (!said_.empty()) std::memcpy(bytes.data(), said_.data(), bytes.size());
  const auto all = mpi::broadcast(talk_.get(), bytes, 0, mpi::Deadline::in(patience()));
  if (all.empty())
    throw Error{fmt::format("tuning '{}' has no report", settings_.name),
                "its ML rank ended early"};
  std::vector<double> numbers(all.size() / sizeof(double));
  std::memcpy(numbers.data(), all.data(), all.size());
  int best_rank = -1;
  report_ = report_from(numbers, best_rank);
  if (best_rank < 0 || report_.best < 0) return;
  const auto found = store_.read(best_rank, slots_, best_, context_.deadline());
  if (found.trial != report_.best) best_.clear();
}

void Client::expect_best()
{
  if (!pupils_ || best_.empty())
    throw Error{fmt::format("tuning '{}' has no best model", settings_.name),
                ran_ ? "no trial of its model has a finite loss" : "it has not run yet"};
}

Learner& Client::best_model()
{
  expect_best();
  if (!best_model_) {
    const auto values = report_.values_of(report_.best);
    best_model_ = pupils_->learner({values.begin(), values.end()}, 0, best_);
  }
  return *best_model_;
}

void Client::predict(Tuning::Fields inputs, Tuning::Fields outputs)
{
  const std::string what = "tuning '" + settings_.name + "'";
  closure::Columns asked{signature_.inputs};
  closure::Columns answers{signature_.outputs};
  federation::append(what, inputs, asked);
  if (federation::samples_of(what, outputs, signature_.outputs) != asked.count())
    throw Error{"inputs and outputs of a prediction have different numbers of samples"};
  answers.resize(asked.count());
  if (asked.count() > 0) best_model().predict(asked.batch(), {answers.columns(), nullptr});
  federation::store(what, answers, outputs);
}

void Client::save(const std::string& path)
{
  best_model().save(path);
}

}  // namespace cardan::tuning
