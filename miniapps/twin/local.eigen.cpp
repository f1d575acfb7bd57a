#include "filters.hpp"
#include "weights.eigen.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <stdexcept>
#include <utility>
#include <vector>

namespace twin {
namespace {

// Observations that weigh less are left out, as in DAPPER.
constexpr double cutoff = 1e-3;

// The local ensemble transform filter of Hunt, Kostelich and Szunyogh (2007). Each batch of
// neighbouring sites is analysed by the observations around it, whose weights fall with their
// distance; ranks share the batches.
class LocalFilter : public Filter {
 public:
  explicit LocalFilter(const FilterSettings& settings) : settings_(settings) {}

  void analyse(Ensemble& ensemble, const Observation& observation, std::int64_t cycle) override
  {
    check_members(ensemble);
    if (observation.size() == 0) return;
    take_prior(prior_, ensemble, observation);
    if (batches_.empty() || batches_.back().last != ensemble.size()) cut(ensemble);
    const std::size_t begin = first(ensemble.rank(), ensemble.ranks());
    const std::size_t end = first(ensemble.rank() + 1, ensemble.ranks());
    mine_.resize(ensemble.members() * (site(end) - site(begin)));
    try {
      for (std::size_t b = begin; b < end; ++b) {
        analyse_batch(batches_[b], ensemble.members(), observation,
                      mine_.data() + (site(b) - site(begin)) * ensemble.members());
      }
    } catch (const std::runtime_error&) {
      // No other rank has seen this batch: all of them find the numbers after the exchange.
      std::ranges::fill(mine_, std::numeric_limits<double>::quiet_NaN());
    }
    exchange(ensemble);
    finish(ensemble, cycle);
  }

 private:
  struct Batch {
    std::size_t first;
    std::size_t last;
  };

  [[nodiscard]] std::size_t first(int rank, int ranks) const
  {
    return batches_.size() * static_cast<std::size_t>(rank) / static_cast<std::size_t>(ranks);
  }
  // Where batch `b` begins.
  [[nodiscard]] std::size_t site(std::size_t b) const
  {
    return b < batches_.size() ? batches_[b].first : batches_.back().last;
  }

  void cut(const Ensemble& ensemble);
  void analyse_batch(const Batch& batch, std::size_t members, const Observation& observation,
                     double* columns);
  void exchange(const Ensemble& ensemble);
  void finish(Ensemble& ensemble, std::int64_t cycle);

  FilterSettings settings_;
  Prior prior_;
  std::vector<Batch> batches_;
  // Sites x members: of this rank's batches, of all.
  std::vector<double> mine_;
  std::vector<double> all_;
  std::vector<std::pair<Eigen::Index, double>> near_;
};

// As evenly as they go, the larger ones first.
void LocalFilter::cut(const Ensemble& ensemble)
{
  const std::size_t size = ensemble.size();
  const auto count = static_cast<std::size_t>(
      std::max(1L, std::lrint(static_cast<double>(size) / static_cast<double>(settings_.batch))));
  batches_.clear();
  std::size_t begin = 0;
  for (std::size_t b = 0; b < count; ++b) {
    const std::size_t end = begin + size / count + (b < size % count ? 1 : 0);
    batches_.push_back({begin, end});
    begin = end;
  }
}

void LocalFilter::analyse_batch(const Batch& batch, std::size_t members,
                                const Observation& observation, double* columns)
{
  const auto ring = static_cast<int>(batches_.back().last);
  near_.clear();
  for (std::size_t k = 0; k < observation.size(); ++k) {
    double distance = 0;
    for (std::size_t i = batch.first; i < batch.last; ++i) {
      const int apart = std::abs(observation.sites[k] - static_cast<int>(i));
      distance += std::min(apart, ring - apart);
    }
    const double weight =
        gaspari_cohn(distance / static_cast<double>(batch.last - batch.first), settings_.radius);
    if (weight > cutoff) near_.emplace_back(static_cast<Eigen::Index>(k), std::sqrt(weight));
  }
  const auto rows = static_cast<Eigen::Index>(members);
  Eigen::MatrixXd weights = Eigen::MatrixXd::Identity(rows, rows);
  if (!near_.empty()) {
    Rows seen(rows, static_cast<Eigen::Index>(near_.size()));
    Eigen::VectorXd innovation(static_cast<Eigen::Index>(near_.size()));
    Eigen::Index column = 0;
    for (const auto& [k, weight] : near_) {
      seen.col(column) = weight * prior_.seen.col(k);
      innovation[column] = weight * prior_.innovation[k];
      ++column;
    }
    const Spectrum found = spectrum(seen, innovation);
    const double precision = settings_.adaptive ? finite_size_precision(found, settings_.confidence)
                                                : static_cast<double>(members - 1);
    weights = square_root_weights(found, precision);
  }
  for (std::size_t i = batch.first; i < batch.last; ++i) {
    const auto site = static_cast<Eigen::Index>(i);
    Eigen::Map<Eigen::VectorXd> column(columns + (i - batch.first) * members, rows);
    column.noalias() = weights * prior_.anomalies.col(site);
    column.array() += prior_.mean[site];
  }
}

// All sites to all ranks, in site order.
void LocalFilter::exchange(const Ensemble& ensemble)
{
  if (ensemble.ranks() == 1) {
    all_ = mine_;
    return;
  }
  all_.resize(ensemble.members() * ensemble.size());
  std::vector<int> counts;
  std::vector<int> begins;
  for (int rank = 0; rank < ensemble.ranks(); ++rank) {
    const std::size_t begin = site(first(rank, ensemble.ranks()));
    const std::size_t end = site(first(rank + 1, ensemble.ranks()));
    counts.push_back(static_cast<int>((end - begin) * ensemble.members()));
    begins.push_back(static_cast<int>(begin * ensemble.members()));
  }
  MPI_Allgatherv(mine_.data(), static_cast<int>(mine_.size()), MPI_DOUBLE, all_.data(),
                 counts.data(), begins.data(), MPI_DOUBLE, ensemble.comm());
}

void LocalFilter::finish(Ensemble& ensemble, std::int64_t cycle)
{
  const auto members = static_cast<Eigen::Index>(ensemble.members());
  const Eigen::Map<const Eigen::MatrixXd> analysis(all_.data(), members,
                                                   static_cast<Eigen::Index>(ensemble.size()));
  check_finite(all_);
  prior_.anomalies = analysis;
  for (Eigen::Index k = 0; k < prior_.mean.size(); ++k) {
    double sum = 0;
    for (Eigen::Index i = 0; i < members; ++i) sum += prior_.anomalies(i, k);
    prior_.mean[k] = sum / static_cast<double>(members);
  }
  prior_.anomalies.rowwise() -= prior_.mean.transpose();
  Eigen::MatrixXd weights = Eigen::MatrixXd::Identity(members, members);
  if (settings_.rotate) weights = mean_keeping_rotation(members, settings_.seed, cycle);
  weights *= settings_.inflation;
  compose(ensemble, prior_, weights);
}

}  // namespace

std::unique_ptr<Filter> make_local_filter(const FilterSettings& settings)
{
  return std::make_unique<LocalFilter>(settings);
}

}  // namespace twin
