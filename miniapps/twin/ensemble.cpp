#include "ensemble.hpp"

#include "random.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace twin {

Ensemble::Ensemble(MPI_Comm comm, std::size_t members, std::size_t size)
    : comm_(comm), members_(members), size_(size)
{
  if (members == 0 || size == 0) {
    throw std::invalid_argument("an ensemble needs a member, and a member a number");
  }
  if (members > static_cast<std::size_t>(std::numeric_limits<int>::max()) / size) {
    throw std::invalid_argument(
        "an ensemble of more than 2^31 numbers: members * size is too large");
  }
  MPI_Comm_rank(comm, &rank_);
  MPI_Comm_size(comm, &ranks_);
  states_.resize(count() * size_);
  everything_.resize(members_ * size_);
  for (int rank = 0; rank < ranks_; ++rank) {
    counts_.push_back(static_cast<int>((first(rank + 1) - first(rank)) * size_));
    begins_.push_back(static_cast<int>(first(rank) * size_));
  }
}

std::size_t Ensemble::first(int rank) const
{
  return members_ * static_cast<std::size_t>(rank) / static_cast<std::size_t>(ranks_);
}

std::span<double> Ensemble::member(std::size_t index)
{
  return std::span(states_).subspan(index * size_, size_);
}

std::span<double> Ensemble::gather()
{
  if (ranks_ == 1) {
    std::ranges::copy(states_, everything_.begin());
  } else {
    MPI_Allgatherv(states_.data(), static_cast<int>(states_.size()), MPI_DOUBLE, everything_.data(),
                   counts_.data(), begins_.data(), MPI_DOUBLE, comm_);
  }
  return everything_;
}

void Ensemble::statistics(std::span<double> mean, std::span<double> spread)
{
  twin::statistics(gather(), mean, spread);
}

std::vector<double> Ensemble::mean()
{
  std::vector<double> mean(size_);
  statistics(mean, {});
  return mean;
}

std::vector<double> Ensemble::spread()
{
  std::vector<double> mean(size_);
  std::vector<double> spread(size_);
  statistics(mean, spread);
  return spread;
}

void scatter(Ensemble& ensemble, std::span<const double> centre, double deviation,
             std::uint64_t seed)
{
  for (std::size_t i = 0; i < ensemble.count(); ++i) {
    Random random(seed, Purpose::members, 0, static_cast<std::int64_t>(ensemble.first() + i));
    const auto member = ensemble.member(i);
    for (std::size_t k = 0; k < member.size(); ++k) {
      member[k] = centre[k] + deviation * random.gaussian();
    }
  }
}

void forecast(Ensemble& ensemble, Model& model, int steps)
{
  model.advance(ensemble.states(), steps);
}

void statistics(std::span<const double> everything, std::span<double> mean,
                std::span<double> spread)
{
  const std::size_t size = mean.size();
  const std::size_t members = everything.size() / size;
  std::ranges::fill(mean, 0.0);
  for (std::size_t row = 0; row < everything.size(); row += size) {
    for (std::size_t k = 0; k < size; ++k) mean[k] += everything[row + k];
  }
  for (double& each : mean) each /= static_cast<double>(members);
  if (spread.empty()) return;
  std::ranges::fill(spread, 0.0);
  for (std::size_t row = 0; row < everything.size(); row += size) {
    for (std::size_t k = 0; k < size; ++k) {
      const double anomaly = everything[row + k] - mean[k];
      spread[k] += anomaly * anomaly;
    }
  }
  const double freedom = members > 1 ? static_cast<double>(members - 1) : 1;
  for (double& each : spread) each = std::sqrt(each / freedom);
}

}  // namespace twin
