#include "reference_check.hpp"

#include "climate.hpp"
#include "experiment.hpp"
#include "lorenz96.hpp"
#include "two_scale.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace twin {
namespace {

// What is published with DAPPER (Raanes et al., JOSS 9 (2024) 5150), in its folder mods/: name of
// the file.
const std::string sakov = "DAPPER Lorenz96/sakov2008";
const std::string hoteit = "DAPPER Lorenz96/hoteit2015";
const std::string bocquet = "DAPPER Lorenz96/bocquet2010";
const std::string spantini = "DAPPER Lorenz96/spantini2019";
const std::string pinheiro = "DAPPER Lorenz96/pinheiro2019";
const std::string wilks = "DAPPER LorenzUV/wilks05";

class Check {
 public:
  Check(MPI_Comm comm, const CheckSettings& settings,
        const std::function<void(const CheckRow&)>& report)
      : comm_(comm), settings_(settings), report_(report)
  {}

  [[nodiscard]] bool good() const { return good_; }

  void dynamics();
  void baselines();
  void filters();
  void few_members();
  void half_of_the_sites();
  void two_scales();
  // Of --full.
  void more_members();
  void long_intervals();
  void large_ring();

 private:
  void row(const CheckRow& row)
  {
    report_(row);
    good_ = good_ && row.within();
  }
  // The mean of the analysis error over the seeds.
  template <typename Asset>
  void experiment(const std::string& name, double reference, const std::string& source,
                  const typename Asset::Settings& asset, FilterSettings filter,
                  ExperimentSettings settings, const Climate* climate = nullptr,
                  double tolerance = 0.01);
  void standard(const std::string& name, double reference, const std::string& source,
                const FilterSettings& filter, int members, const Climate* climate = nullptr)
  {
    ExperimentSettings settings;
    settings.members = members;
    settings.cycles = settings_.cycles;
    experiment<Lorenz96>(name, reference, source, {}, filter, settings, climate);
  }

  MPI_Comm comm_;
  CheckSettings settings_;
  const std::function<void(const CheckRow&)>& report_;
  bool good_ = true;
};

template <typename Asset>
void Check::experiment(const std::string& name, double reference, const std::string& source,
                       const typename Asset::Settings& asset, FilterSettings filter,
                       ExperimentSettings settings, const Climate* climate, double tolerance)
{
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < settings_.seeds; ++i) {
    settings.seed = settings_.seed + static_cast<std::uint64_t>(i);
    filter.seed = settings.seed;
    Asset truth(asset);
    Asset model(asset);
    const auto made = make_filter(filter, climate);
    const Score score = run_experiment(comm_, settings, truth, model, *made);
    sum += score.analysis;
    squares += score.error * score.error;
  }
  row({name, sum / settings_.seeds, reference, std::sqrt(squares) / settings_.seeds, tolerance,
       source});
}

void Check::dynamics()
{
  Lorenz96 model({});
  std::vector<double> exponents;
  exponents.reserve(8);
  for (int i = 0; i < 8; ++i) {
    exponents.push_back(
        lyapunov_exponent(model, settings_.seed + static_cast<std::uint64_t>(i), 4000));
  }
  double mean = 0;
  double squares = 0;
  for (const double each : exponents) mean += each / 8;
  for (const double each : exponents) squares += (each - mean) * (each - mean);
  row({"Lyapunov exponent, 40 sites, F 8", mean, 1.69, std::sqrt(squares / 7 / 8), 0.01, "-"});
}

void Check::baselines()
{
  Lorenz96 model({});
  const Climate climate = climate_of(model, settings_.seed, 5000);
  FilterSettings filter;
  ExperimentSettings settings;
  settings.members = 1;
  // They are cheap, and their errors vary slowly.
  settings.cycles = 5 * settings_.cycles;
  filter.kind = FilterKind::climatology;
  experiment<Lorenz96>("climatology", 3.6, sakov, {}, filter, settings, &climate, 0.05);
  filter.kind = FilterKind::optimal_interpolation;
  experiment<Lorenz96>("optimal interpolation", 0.95, sakov, {}, filter, settings, &climate);
  filter.kind = FilterKind::variational;
  experiment<Lorenz96>("3D-Var, B = 0.02 climate", 0.41, sakov, {}, filter, settings, &climate);
}

void Check::filters()
{
  FilterSettings filter;
  filter.kind = FilterKind::stochastic;
  filter.inflation = 1.06;
  standard("stochastic EnKF, N 40, infl 1.06", 0.22, sakov, filter, 40);
  filter.kind = FilterKind::deterministic;
  filter.inflation = 1.01;
  standard("DEnKF, N 40, infl 1.01", 0.18, sakov, filter, 40);
  filter.kind = FilterKind::square_root;
  filter.rotate = true;
  standard("ETKF, N 40, infl 1.01, rotated", 0.18, sakov, filter, 40);
  filter.inflation = 1.02;
  standard("ETKF, N 28, infl 1.02, rotated", 0.18, hoteit, filter, 28);
  filter.inflation = 1.013;
  standard("ETKF, N 24, infl 1.013, rotated", 0.18, sakov, filter, 24);
}

void Check::few_members()
{
  FilterSettings filter;
  filter.kind = FilterKind::local;
  filter.rotate = true;
  filter.batch = 2;
  filter.inflation = 1.04;
  filter.radius = 4;
  standard("LETKF, N 7, infl 1.04, radius 4, rotated", 0.22, sakov, filter, 7);
  filter.radius = 6;
  standard("LETKF, N 10, infl 1.04, radius 6, rotated", 0.20, hoteit, filter, 10);
}

void Check::half_of_the_sites()
{
  FilterSettings filter;
  filter.rotate = true;
  filter.adaptive = true;
  filter.confidence = 1.3;
  ExperimentSettings settings;
  settings.members = 8;
  settings.sites = every_site(10, 2);
  settings.deviation = std::sqrt(1.5);
  // It loses track now and then.
  settings.cycles = 5 * settings_.cycles;
  Lorenz96::Settings ring;
  ring.sites = 10;
  experiment<Lorenz96>("10 sites, every 2nd, error^2 1.5, EnKF-N, N 8, xN 1.3", 0.31, bocquet, ring,
                       filter, settings);
}

void Check::two_scales()
{
  const TwoScale::Settings asset;
  TwoScale model(asset);
  const Climate climate = climate_of(model, settings_.seed, 200, 10);
  row({"two scales (8 x 32, F 20), climatology", deviation(climate), 0.93, 0, 0.01, wilks});
  FilterSettings filter;
  filter.kind = FilterKind::variational;
  filter.background = 2;
  ExperimentSettings settings;
  settings.members = 1;
  settings.interval = 10;
  settings.sites = every_site(8);
  settings.deviation = std::sqrt(0.1);
  settings.initial_deviation = 0.1;
  settings.spin_up = 120;
  settings.cycles = settings_.cycles;
  experiment<TwoScale>("two scales, 3D-Var, B = 2 climate, slow ones seen", 0.39, wilks, asset,
                       filter, settings, &climate);
}

void Check::more_members()
{
  FilterSettings filter;
  filter.kind = FilterKind::stochastic;
  filter.inflation = 1.08;
  standard("stochastic EnKF, N 28, infl 1.08", 0.24, sakov, filter, 28);
  filter.kind = FilterKind::square_root;
  filter.inflation = 1.03;
  standard("ETKF, N 17, infl 1.03", 0.217, hoteit, filter, 17);
  filter.rotate = true;
  filter.inflation = 1.04;
  standard("ETKF, N 20, infl 1.04, rotated", 0.20, sakov, filter, 20);
  filter.inflation = 1;
  filter.adaptive = true;
  filter.confidence = 2;
  standard("EnKF-N, N 24, xN 2, rotated", 0.18, sakov, filter, 24);
  filter.rotate = false;
  standard("EnKF-N, N 20, xN 2", 0.19, sakov, filter, 20);
  filter = {};
  filter.kind = FilterKind::local;
  filter.rotate = true;
  filter.batch = 2;
  filter.inflation = 1.02;
  standard("LETKF, N 10, infl 1.02, radius 4, rotated", 0.21, hoteit, filter, 10);
  filter.inflation = 1.10;
  filter.radius = 10;
  standard("LETKF, N 10, infl 1.10, radius 10, rotated", 0.22, hoteit, filter, 10);
}

void Check::long_intervals()
{
  Lorenz96::Settings ring;
  ring.dt = 0.02;
  Lorenz96 model(ring);
  const Climate climate = climate_of(model, settings_.seed, 5000);
  ExperimentSettings settings;
  settings.interval = 20;
  settings.sites = every_site(40, 2);
  settings.deviation = std::sqrt(0.5);
  settings.initial_deviation = std::sqrt(0.1);
  settings.spin_up = 50;
  settings.cycles = settings_.cycles;
  settings.members = 1;
  const std::string where = "every 2nd site, each 0.4, error^2 0.5, ";
  FilterSettings filter;
  filter.kind = FilterKind::optimal_interpolation;
  experiment<Lorenz96>(where + "OI", 2.5, spantini, ring, filter, settings, &climate, 0.05);
  settings.members = 100;
  filter.kind = FilterKind::square_root;
  filter.inflation = 1.1;
  experiment<Lorenz96>(where + "ETKF, N 100", 0.97, spantini, ring, filter, settings);
  settings.members = 40;
  filter.kind = FilterKind::local;
  filter.batch = 2;
  experiment<Lorenz96>(where + "LETKF, N 40", 1.0, spantini, ring, filter, settings, nullptr, 0.05);
}

void Check::large_ring()
{
  Lorenz96::Settings ring;
  ring.sites = 1000;
  ring.forcing = 8.17;
  ring.dt = 0.01;
  FilterSettings filter;
  filter.kind = FilterKind::local;
  filter.inflation = 1.05;
  filter.radius = 4;
  ExperimentSettings settings;
  settings.members = 10;
  settings.interval = 10;
  settings.sites = every_site(1000, 4);
  settings.deviation = 0.1;
  settings.spin_up = 100;
  settings.cycles = 500;
  experiment<Lorenz96>("1000 sites, F 8.17, every 4th, each 0.1, error 0.1, LETKF, N 10", 0.07,
                       pinheiro, ring, filter, settings, nullptr, 0.005);
}

}  // namespace

bool CheckRow::within() const
{
  return std::isfinite(value) && std::abs(value - reference) <= tolerance + 3 * error;
}

bool check_references(MPI_Comm comm, const CheckSettings& settings,
                      const std::function<void(const CheckRow&)>& report)
{
  Check check(comm, settings, report);
  check.dynamics();
  check.baselines();
  check.filters();
  check.few_members();
  check.half_of_the_sites();
  check.two_scales();
  if (!settings.full) return check.good();
  check.more_members();
  check.long_intervals();
  check.large_ring();
  return check.good();
}

}  // namespace twin
