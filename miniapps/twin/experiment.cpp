#include "experiment.hpp"

#include "climate.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <stdexcept>

namespace twin {
namespace {

constexpr std::size_t blocks = 20;

struct Moments {
  double error = 0;
  double spread = 0;
};

// Root mean squares over the sites from first to last - 1.
Moments moments(Ensemble& ensemble, std::span<const double> truth, std::size_t first,
                std::size_t last)
{
  std::vector<double> mean(ensemble.size());
  std::vector<double> spread(ensemble.size());
  ensemble.statistics(mean, spread);
  Moments result;
  for (std::size_t i = first; i < last; ++i) {
    result.error += (mean[i] - truth[i]) * (mean[i] - truth[i]);
    result.spread += spread[i] * spread[i];
  }
  const auto sites = static_cast<double>(last - first);
  return {std::sqrt(result.error / sites), std::sqrt(result.spread / sites)};
}

double standard_error(const std::vector<double>& values)
{
  const std::size_t length = values.size() / blocks;
  if (length == 0) return 0;
  double sum = 0;
  double squares = 0;
  for (std::size_t block = 0; block < blocks; ++block) {
    double mean = 0;
    for (std::size_t i = 0; i < length; ++i) mean += values[block * length + i];
    mean /= static_cast<double>(length);
    sum += mean;
    squares += mean * mean;
  }
  const double variance = (squares - sum * sum / blocks) / (blocks - 1);
  return std::sqrt(std::max(0.0, variance) / blocks);
}

}  // namespace

Score run_experiment(MPI_Comm comm, const ExperimentSettings& settings, Model& asset, Model& model,
                     Filter& filter, int asset_interval)
{
  const std::size_t size = model.size();
  if (size > asset.size()) {
    throw std::invalid_argument("the twin's states are longer than the asset's");
  }
  if (asset_interval == 0) asset_interval = settings.interval;
  const std::size_t last = settings.scored_last == 0 ? size : settings.scored_last;
  std::vector<double> truth = attractor_state(asset, settings.seed);
  Ensemble ensemble(comm, static_cast<std::size_t>(settings.members), size);
  scatter(ensemble, std::span(truth).first(size), settings.initial_deviation, settings.seed);
  Random random(settings.seed, Purpose::members, 1);
  for (double& each : truth) each += settings.initial_deviation * random.gaussian();

  const bool chosen = settings.sites.empty() && settings.choose.count > 0;
  std::vector<int> sites = settings.sites.empty() ? every_site(size) : settings.sites;
  Score score;
  std::vector<double> errors;
  for (std::int64_t cycle = 0; cycle < settings.spin_up + settings.cycles; ++cycle) {
    asset.advance(truth, asset_interval);
    forecast(ensemble, model, settings.interval);
    if (chosen) sites = choose_sites(settings.choose, ensemble, cycle);
    const Observation seen =
        observe(truth, sites, settings.deviation, settings.seed, cycle, settings.law);
    const bool counts = cycle >= settings.spin_up;
    if (counts) {
      const Moments found = moments(ensemble, truth, settings.scored_first, last);
      score.forecast += found.error;
      score.forecast_spread += found.spread;
    }
    filter.analyse(ensemble, seen, cycle);
    if (counts) {
      const Moments found = moments(ensemble, truth, settings.scored_first, last);
      score.analysis += found.error;
      score.analysis_spread += found.spread;
      errors.push_back(found.error);
    }
  }
  const auto cycles = static_cast<double>(settings.cycles);
  score.analysis /= cycles;
  score.forecast /= cycles;
  score.analysis_spread /= cycles;
  score.forecast_spread /= cycles;
  score.error = standard_error(errors);
  return score;
}

}  // namespace twin
