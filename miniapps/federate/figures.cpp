// Figures of outcomes.

#include "report.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace federate {

std::vector<double> mean_of(const Outcome& outcome, const std::string& column)
{
  std::size_t rounds = outcome.silos.empty() ? 0 : outcome.silos.front().of(column).size();
  for (const auto& silo : outcome.silos) rounds = std::min(rounds, silo.of(column).size());
  std::vector<double> mean(rounds);
  for (const auto& silo : outcome.silos)
    for (std::size_t i = 0; i < rounds; ++i)
      mean[i] += silo.of(column)[i] / static_cast<double>(outcome.silos.size());
  return mean;
}

std::optional<double> epsilon_of(const Outcome& outcome)
{
  double largest = 0;
  for (const auto& silo : outcome.silos) largest = std::max(largest, silo.last("epsilon"));
  if (!std::isfinite(largest) || outcome.plan.kind != Plan::Kind::federated) return std::nullopt;
  return largest;
}

double moved_bytes(const Outcome& outcome)
{
  double sum = 0;
  for (const auto& silo : outcome.silos) sum += silo.sum("moved_bytes");
  return sum;
}

double raw_bytes(const Outcome& outcome)
{
  double sum = 0;
  for (const auto& silo : outcome.silos) sum += silo.sum("raw_bytes");
  return sum;
}

double mean_error(const Outcome& outcome)
{
  double sum = 0;
  double count = 0;
  for (const auto& row : outcome.errors) {
    sum += std::accumulate(row.begin(), row.end(), 0.0);
    count += static_cast<double>(row.size());
  }
  return sum / count;
}

double worst_error(const Outcome& outcome)
{
  double worst = 0;
  for (const auto& row : outcome.errors)
    for (const double error : row) worst = std::max(worst, error);
  return worst;
}

}  // namespace federate
