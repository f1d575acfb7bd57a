#include "process.hpp"

#include "asset.hpp"
#include "climate.hpp"

#include <cardan/error.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <stdexcept>

namespace twin {

namespace {

int steps_of(double interval)
{
  return std::max(1, static_cast<int>(std::ceil(interval / 0.05 - 1e-9)));
}

void put(std::byte* to, std::span<const double> values)
{
  std::memcpy(to, values.data(), values.size_bytes());
}

/// What the baselines know, and nothing else; computed once for all runs.
const Climate& climate_of_asset(const Problem& problem)
{
  static std::optional<Climate> climate;
  static Problem of;
  if (climate && of.asset == problem.asset && of.variables == problem.variables &&
      of.forcing == problem.forcing && of.coupling == problem.coupling && of.fast == problem.fast)
    return *climate;
  const double time = problem.asset == "two_scale" ? 150 : 1000;
  climate = history(problem, time);
  of = problem;
  return *climate;
}

}  // namespace

cardan::Features observation_fields(std::int64_t slots)
{
  return {{"site", cardan::Dtype::int64, {slots}},
          {"value", cardan::Dtype::float64, {slots}},
          {"control", cardan::Dtype::float64, {}}};
}

cardan::Features answer_fields(const Problem& problem)
{
  const std::int64_t n = problem.variables;
  const std::int64_t sites = problem.observed > 0 ? problem.observed : n;
  return {{"analysis", cardan::Dtype::float64, {n}}, {"forecast", cardan::Dtype::float64, {n}},
          {"spread", cardan::Dtype::float64, {n}},   {"sites", cardan::Dtype::int64, {sites}},
          {"control", cardan::Dtype::float64, {}},   {"note", cardan::Dtype::float64, {4}}};
}

Process::Process(const ProcessSettings& settings, const Problem& problem,
                 const cardan::Signature& signature, const cardan::TwinPlace& place)
    : settings_(settings),
      problem_(problem),
      place_(place),
      slots_(signature.inputs.front().numbers()),
      size_(static_cast<std::size_t>(problem.variables)),
      model_(Lorenz96::Settings{.sites = static_cast<int>(problem.variables),
                                .forcing = settings.forcing,
                                .dt = problem.interval / steps_of(problem.interval)}),
      steps_(steps_of(problem.interval)),
      ensemble_(place.comm, static_cast<std::size_t>(settings.members), size_),
      rates_(place.comm, static_cast<std::size_t>(settings.each_member ? settings.members : 1),
             size_),
      increments_(size_),
      analysis_(size_),
      forecast_(size_),
      spread_(size_),
      bare_(size_),
      with_(size_),
      mean_rates_(size_)
{
  settings_.filter.seed = settings_.sites.seed = place.seed;
  const bool needs_climate = settings_.filter.kind == FilterKind::climatology ||
                             settings_.filter.kind == FilterKind::optimal_interpolation ||
                             settings_.filter.kind == FilterKind::variational;
  filter_ = make_filter(settings_.filter, needs_climate ? &climate_of_asset(problem) : nullptr);
  FilterSettings first;
  first.kind = FilterKind::local;
  first.inflation = std::max(1.1, settings_.filter.inflation);
  first.radius = 4;
  first_filter_ = make_filter(first);
}

std::optional<cardan::Signature> Process::learns() const
{
  const auto n = static_cast<std::int64_t>(size_);
  return cardan::Signature{{{"state", cardan::Dtype::float64, {n}}},
                           {{"rate", cardan::Dtype::float64, {n}}}};
}

/// Nothing is known of the truth but that it is somewhere on the model's attractor.
void Process::start()
{
  for (std::size_t m = 0; m < ensemble_.count(); ++m) {
    const auto number = ensemble_.first() + m;
    const auto state = attractor_state(model_, 1000003 * (place_.seed + 1) + number);
    std::copy(state.begin(), state.end(), ensemble_.member(m).begin());
  }
}

Observation Process::read(const cardan::TwinCycle& cycle)
{
  Observation all;
  const auto* sites = reinterpret_cast<const std::int64_t*>(cycle.columns[0]);
  const auto* values = reinterpret_cast<const double*>(cycle.columns[1]);
  const auto* controls = reinterpret_cast<const double*>(cycle.columns[2]);
  bool first = true;
  for (std::size_t r = 0; r < cycle.here.size(); ++r) {
    if (cycle.here[r] == 0) continue;
    if (first) control_ = controls[r];
    first = false;
    for (std::int64_t s = 0; s < slots_; ++s) {
      const auto at = static_cast<std::int64_t>(r) * slots_ + s;
      if (sites[at] < 0) continue;
      all.sites.push_back(static_cast<int>(sites[at]));
      all.values.push_back(values[at]);
      all.deviations.push_back(problem_.noise);
    }
  }
  return all;
}

void Process::judge(const Observation& observation)
{
  if (network_ == nullptr || !have_rates_ || observation.size() == 0) return;
  double with_model = 0;
  double without = 0;
  for (std::size_t i = 0; i < observation.size(); ++i) {
    const auto site = static_cast<std::size_t>(observation.sites[i]);
    with_model += std::pow(observation.values[i] - with_[site], 2);
    without += std::pow(observation.values[i] - bare_[site], 2);
  }
  network_->judge(with_model, without);
}

void Process::assimilate(const Observation& observation, std::int64_t cycle)
{
  if (observation.size() > 0) {
    Filter& filter = analyses_ < settings_.warm_up ? *first_filter_ : *filter_;
    filter.analyse(ensemble_, observation, cycle);
    ++analyses_;
  }
  ensemble_.statistics(analysis_, spread_);
  limit_spread();
  if (network_ == nullptr) return;
  const auto pair = increments_.end(bare_, analysis_, problem_.interval);
  if (!pair.before.empty() && observation.size() > 0) {
    const auto* state = reinterpret_cast<const std::byte*>(pair.before.data());
    const auto* rate = reinterpret_cast<const std::byte*>(pair.rate.data());
    network_->teach({1, &state}, {1, &rate});
  }
}

/// Inflation must not carry members off where little is observed.
void Process::limit_spread()
{
  const double most = settings_.most_spread;
  for (std::size_t i = 0; i < size_; ++i) {
    if (!(spread_[i] > most)) continue;
    for (std::size_t m = 0; m < ensemble_.count(); ++m) {
      double& x = ensemble_.member(m)[i];
      x = analysis_[i] + (x - analysis_[i]) * most / spread_[i];
    }
    spread_[i] = most;
  }
}

bool Process::find_rates()
{
  if (network_ == nullptr || network_->version() == 0) return false;
  const bool each = settings_.each_member;
  const std::size_t rows = each ? ensemble_.count() : rates_.count();
  const double* from = each ? ensemble_.states().data() : analysis_.data();
  if (rows > 0) {
    const auto* states = reinterpret_cast<const std::byte*>(from);
    auto* rates = reinterpret_cast<std::byte*>(rates_.states().data());
    network_->predict({static_cast<std::int64_t>(rows), &states}, {&rates, nullptr});
  }
  mean_rates_ = rates_.mean();
  return true;
}

void Process::forecast()
{
  have_rates_ = find_rates();
  corrected_ = have_rates_ && network_->trusted();
  increments_.begin(analysis_);
  model_.force(settings_.forcing + control_);
  twin::forecast(ensemble_, model_, steps_);
  ensemble_.statistics(bare_, spread_);
  with_ = bare_;
  if (have_rates_)
    for (std::size_t i = 0; i < size_; ++i) with_[i] += problem_.interval * mean_rates_[i];
  if (corrected_)
    for (std::size_t m = 0; m < ensemble_.count(); ++m) {
      const auto state = ensemble_.member(m);
      const double* rate = settings_.each_member ? rates_.member(m).data() : mean_rates_.data();
      for (std::size_t i = 0; i < size_; ++i) state[i] += problem_.interval * rate[i];
    }
  ++now_;
}

void Process::cycle(const cardan::TwinCycle& cycle, std::byte* const* answer)
{
  const Observation observation = read(cycle);
  if (now_ < 0) {
    start();
    now_ = cycle.cycle;
  }
  while (now_ < cycle.cycle) {
    ensemble_.statistics(analysis_, spread_);
    forecast();
    increments_.drop();
  }
  judge(observation);
  assimilate(observation, cycle.cycle);
  const Control& control = settings_.control;
  if (control.gain > 0)
    control_ = std::clamp(control.gain * (control.target - energy_of(analysis_)), -control.most,
                          control.most);
  const std::vector<double> spread = spread_;
  forecast();
  fill(answer, cycle.cycle);
  if (place_.rank == 0) put(answer[2], spread);
}

void Process::fill(std::byte* const* answer, std::int64_t cycle)
{
  // What is seen of all sites is chosen by nobody.
  std::vector<int> sites = static_cast<std::size_t>(settings_.sites.count) < size_
                               ? choose_sites(settings_.sites, ensemble_, cycle + 1)
                               : every_site(size_);
  if (place_.rank != 0) return;
  put(answer[0], analysis_);
  put(answer[1], corrected_ ? with_ : bare_);
  const std::vector<std::int64_t> wide(sites.begin(), sites.end());
  std::memcpy(answer[3], wide.data(), wide.size() * sizeof(std::int64_t));
  put(answer[4], {&control_, 1});
  Note note{corrected_ ? 1.0 : 0.0, 0, 0, 0};
  if (network_ != nullptr)
    note = {note.trusted, static_cast<double>(network_->trained_steps()),
            std::isfinite(network_->loss()) ? network_->loss() : 0,
            static_cast<double>(network_->version())};
  put(answer[5], {&note.trusted, 4});
}

void register_process(const Problem& problem)
{
  cardan::register_twin("lorenz96", [&problem](const cardan::Config& options,
                                               const cardan::Signature& signature,
                                               const cardan::TwinPlace& place) {
    try {
      return std::make_unique<Process>(read_process(options, problem), problem, signature, place);
    } catch (const std::invalid_argument& wrong) {
      throw options.error("filter", wrong.what());
    }
  });
}

}  // namespace twin
