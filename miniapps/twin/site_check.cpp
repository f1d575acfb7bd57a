#include "site_check.hpp"

#include "climate.hpp"
#include "experiment.hpp"
#include "lorenz96.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace twin {
namespace {

double median(std::vector<double> values)
{
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

}  // namespace

void compare_sites(MPI_Comm comm, const CheckSettings& settings,
                   const std::function<void(const SiteRow&)>& report)
{
  for (const int count : {20, 10, 6}) {
    for (const SiteRule rule :
         {SiteRule::fixed, SiteRule::random, SiteRule::spread, SiteRule::reduction}) {
      SiteRow row{to_string(rule), count, 0, 0, 0};
      for (int i = 0; i < settings.seeds; ++i) {
        ExperimentSettings experiment;
        experiment.members = 20;
        experiment.cycles = settings.cycles;
        experiment.seed = settings.seed + static_cast<std::uint64_t>(i);
        experiment.choose = {rule, count, 2, 1, experiment.seed};
        FilterSettings filter;
        filter.kind = FilterKind::local;
        filter.inflation = 1.04;
        filter.rotate = true;
        filter.batch = 2;
        filter.radius = 5;
        filter.seed = experiment.seed;
        Lorenz96 asset({});
        Lorenz96 model({});
        const auto made = make_filter(filter);
        const Score score = run_experiment(comm, experiment, asset, model, *made);
        row.analysis += score.analysis / settings.seeds;
        row.forecast += score.forecast / settings.seeds;
        row.error += score.error * score.error;
      }
      row.error = std::sqrt(row.error) / settings.seeds;
      report(row);
    }
  }
}

void time_cycles(MPI_Comm comm, const std::function<void(const TimeRow&)>& report)
{
  struct Case {
    std::string name;
    FilterKind kind;
    int members;
    bool rotate;
    int batch;
  };
  const std::vector<Case> cases = {
      {"stochastic EnKF, 40 members", FilterKind::stochastic, 40, false, 1},
      {"ETKF, 40 members", FilterKind::square_root, 40, false, 1},
      {"ETKF, 40 members, rotated", FilterKind::square_root, 40, true, 1},
      {"ETKF, 24 members, rotated", FilterKind::square_root, 24, true, 1},
      {"LETKF, 7 members, batches of 2, rotated", FilterKind::local, 7, true, 2},
      {"LETKF, 10 members, batches of 2, rotated", FilterKind::local, 10, true, 2},
      {"LETKF, 20 members, batches of 2, rotated", FilterKind::local, 20, true, 2},
  };
  for (const Case& each : cases) {
    Lorenz96 model({});
    std::vector<double> truth = attractor_state(model, 1);
    Ensemble ensemble(comm, static_cast<std::size_t>(each.members), model.size());
    scatter(ensemble, truth, 0.1, 1);
    FilterSettings settings;
    settings.kind = each.kind;
    settings.inflation = 1.02;
    settings.rotate = each.rotate;
    settings.batch = each.batch;
    const auto filter = make_filter(settings);
    std::vector<double> forecasts;
    std::vector<double> analyses;
    const std::vector<int> sites = every_site(model.size());
    for (int cycle = 0; cycle < 2000; ++cycle) {
      model.advance(truth, 1);
      const Observation seen = observe(truth, sites, 1, 1, cycle);
      const double begin = MPI_Wtime();
      forecast(ensemble, model, 1);
      const double middle = MPI_Wtime();
      filter->analyse(ensemble, seen, cycle);
      forecasts.push_back(middle - begin);
      analyses.push_back(MPI_Wtime() - middle);
    }
    report({each.name, median(forecasts), median(analyses)});
  }
}

}  // namespace twin
