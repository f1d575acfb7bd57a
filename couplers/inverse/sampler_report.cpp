// What chains have found, and how well.

#include "couplers/inverse/sampler.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace cardan::inverse {

namespace {

double median_of(std::vector<double> values)
{
  if (values.empty()) return 0;
  const std::size_t middle = values.size() / 2;
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(middle),
                   values.end());
  return values[middle];
}

}  // namespace

double Sampler::seconds() const
{
  return kept_seconds_;
}

std::vector<ChainSummary> Sampler::summaries() const
{
  const std::size_t n = measure_.parameters();
  std::vector<ChainSummary> all;
  all.reserve(chains_.size() * n);
  for (const Chain& chain : chains_)
    for (std::size_t i = 0; i < n; ++i)
      all.push_back(summary({chain.thetas.data() + i, chain.thetas.size() / n, n}));
  return all;
}

InverseReport Sampler::report() const
{
  InverseReport report = counts_;
  report.versions = predictor_ ? predictor_->version() : 0;
  report.coarse_solves = predictor_ ? predictor_->coarse_solves() : 0;
  report.mean_age = ages_ > 0 ? age_sum_ / static_cast<double>(ages_) : 0;
  if (!errors_.empty())
    report.surrogate_error = std::sqrt(std::accumulate(errors_.begin(), errors_.end(), 0.0) /
                                       static_cast<double>(errors_.size()));
  report.seconds = kept_seconds_;
  complete(report, summaries(), measure_.parameters());
  return report;
}

std::vector<InverseSample> Sampler::samples(int number) const
{
  const std::size_t n = measure_.parameters();
  std::vector<InverseSample> samples;
  for (const Chain& chain : chains_) {
    if (chain.number != number) continue;
    samples.reserve(chain.log_priors.size() / static_cast<std::size_t>(settings_.thin) + 1);
    for (std::size_t i = 0; i < chain.log_priors.size();
         i += static_cast<std::size_t>(settings_.thin)) {
      const auto first = chain.thetas.begin() + static_cast<std::ptrdiff_t>(i * n);
      samples.push_back({number,
                         static_cast<std::int64_t>(i),
                         chain.log_likelihoods[i],
                         chain.log_priors[i],
                         {first, first + static_cast<std::ptrdiff_t>(n)}});
    }
  }
  return samples;
}

void complete(InverseReport& report, const std::vector<ChainSummary>& summaries,
              std::size_t parameters)
{
  const std::size_t chains = summaries.size() / parameters;
  for (std::size_t i = 0; i < parameters; ++i) {
    Moments all;
    double effective = 0;
    std::vector<Moments> halves;
    halves.reserve(2 * chains);
    for (std::size_t c = 0; c < chains; ++c) {
      const ChainSummary& each = summaries[c * parameters + i];
      all = joined(all, each.all);
      effective += each.effective;
      halves.push_back(each.first);
      halves.push_back(each.second);
    }
    report.mean.push_back(all.mean);
    report.deviation.push_back(std::sqrt(all.variance()));
    report.effective.push_back(effective);
    report.reduction.push_back(scale_reduction(halves));
  }
  report.least_effective = *std::min_element(report.effective.begin(), report.effective.end());
  report.median_effective = median_of(report.effective);
  const auto solves = static_cast<double>(report.solves - report.solves_before);
  if (solves > 0) report.effective_per_solve = report.median_effective / solves;
  if (report.seconds > 0) report.effective_per_second = report.median_effective / report.seconds;
}

}  // namespace cardan::inverse
