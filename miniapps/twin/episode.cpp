#include "episode.hpp"

#include "asset.hpp"
#include "process.hpp"

#include <cardan/error.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace twin {

namespace {

/// Cycles of which a picture shows the fields.
constexpr std::int64_t shown = 200;

/// An answer, as it is taken.
struct Answer {
  std::vector<double> analysis;
  std::vector<double> forecast;
  std::vector<double> spread;
  std::vector<std::int64_t> sites;
  double control = 0;
  Note note;

  explicit Answer(const Problem& problem)
      : analysis(static_cast<std::size_t>(problem.variables)),
        forecast(analysis),
        spread(analysis),
        sites(static_cast<std::size_t>(problem.observed > 0 ? problem.observed : problem.variables))
  {
    // The first ones: evenly over the ring.
    const auto n = static_cast<std::int64_t>(sites.size());
    for (std::int64_t i = 0; i < n; ++i)
      sites[static_cast<std::size_t>(i)] = i * problem.variables / n;
  }
};

template <class T>
cardan::Field field_of(std::vector<T>& values)
{
  return {values.data(), {static_cast<std::int64_t>(values.size())}};
}

cardan::TwinCounters summed(MPI_Comm comm, cardan::TwinCounters counters)
{
  for (std::int64_t* number : {&counters.dropped, &counters.delayed, &counters.full})
    MPI_Allreduce(MPI_IN_PLACE, number, 1, MPI_INT64_T, MPI_SUM, comm);
  for (std::int64_t* number : {&counters.missed, &counters.overrun})
    MPI_Allreduce(MPI_IN_PLACE, number, 1, MPI_INT64_T, MPI_MAX, comm);
  return counters;
}

class Loop {
 public:
  Loop(cardan::Session& session, const Plan& plan)
      : plan_(plan),
        asset_(plan.problem, static_cast<std::uint64_t>(session.seed())),
        answer_(plan.problem)
  {
    MPI_Comm_rank(session.comm(), &rank_);
    MPI_Comm_size(session.comm(), &ranks_);
    const auto slots = Asset::most_sites(plan.problem, ranks_);
    sites_.resize(static_cast<std::size_t>(slots));
    values_.resize(sites_.size());
    twin_ = session.twin(plan.table, observation_fields(slots), answer_fields(plan.problem));
    episode_.plan = plan;
    episode_.asset_ranks = ranks_;
    episode_.twin_ranks = session.ml_ranks();
    episode_.period = twin_->realtime() ? twin_->period() : 0;
  }

  void cycle(std::int64_t cycle)
  {
    twin_->begin(cycle);
    const auto& regime = plan_.problem.regime;
    if (regime && cycle == regime->cycle) asset_.force(regime->forcing);
    if (cycle > 0) asset_.advance(answer_.control);
    publish(cycle);
    episode_.forecast_error.push_back(rms_difference(answer_.forecast, asset_.truth()));
    episode_.control.push_back(answer_.control);
    keep_sites(cycle);
    const auto outcome = twin_->answer({{"analysis", field_of(answer_.analysis)},
                                        {"forecast", field_of(answer_.forecast)},
                                        {"spread", field_of(answer_.spread)},
                                        {"sites", field_of(answer_.sites)},
                                        {"control", cardan::Field{&answer_.control, {}}},
                                        {"note", cardan::Field{&answer_.note.trusted, {4}}}});
    record(cycle, outcome);
  }

  Episode& episode() { return episode_; }

  Episode finish(MPI_Comm comm)
  {
    episode_.counters = summed(comm, twin_->counters());
    episode_.trained_steps = answer_.note.trained_steps;
    episode_.loss = answer_.note.loss;
    return std::move(episode_);
  }

 private:
  void publish(std::int64_t cycle)
  {
    const auto seen = asset_.measure(answer_.sites, cycle, rank_, ranks_);
    std::fill(sites_.begin(), sites_.end(), -1);
    std::fill(values_.begin(), values_.end(), 0);
    std::copy(seen.sites.begin(), seen.sites.end(), sites_.begin());
    std::copy(seen.values.begin(), seen.values.end(), values_.begin());
    twin_->publish({{"site", field_of(sites_)},
                    {"value", field_of(values_)},
                    {"control", cardan::Field{&answer_.control, {}}}});
  }

  [[nodiscard]] bool is_shown(std::int64_t cycle) const
  {
    return plan_.keeps_fields && cycle >= plan_.problem.cycles - shown;
  }

  void keep_sites(std::int64_t cycle)
  {
    if (!is_shown(cycle)) return;
    Series row(asset_.truth().size(), 0);
    for (const auto site : answer_.sites) row[static_cast<std::size_t>(site)] = 1;
    episode_.sites.insert(episode_.sites.end(), row.begin(), row.end());
  }

  void record(std::int64_t cycle, cardan::TwinOutcome outcome)
  {
    const auto truth = asset_.truth();
    const auto& stamp = twin_->stamp();
    const bool on_time = outcome == cardan::TwinOutcome::on_time;
    Episode& e = episode_;
    e.analysis_error.push_back(rms_difference(answer_.analysis, truth));
    e.spread.push_back(std::sqrt(std::inner_product(answer_.spread.begin(), answer_.spread.end(),
                                                    answer_.spread.begin(), 0.0) /
                                 static_cast<double>(answer_.spread.size())));
    e.energy.push_back(energy_of(truth));
    e.latency.push_back(on_time ? stamp.latency : std::nan(""));
    e.work.push_back(on_time ? stamp.work : std::nan(""));
    e.age.push_back(stamp.age_cycles);
    e.on_time.push_back(on_time ? 1 : 0);
    e.version.push_back(static_cast<std::int64_t>(answer_.note.version));
    e.trusted.push_back(answer_.note.trusted > 0 ? 1 : 0);
    if (!is_shown(cycle)) return;
    e.truth.insert(e.truth.end(), truth.begin(), truth.end());
    for (std::size_t i = 0; i < truth.size(); ++i)
      e.difference.push_back(answer_.analysis[i] - truth[i]);
  }

  const Plan& plan_;
  Asset asset_;
  Answer answer_;
  int rank_ = 0;
  int ranks_ = 1;
  std::vector<std::int64_t> sites_;
  std::vector<double> values_;
  std::optional<cardan::Twin> twin_;
  Episode episode_;
};

Episode simulate(cardan::Session& session, const Plan& plan, const Told& told)
{
  if (session.ml_ranks() == 0)
    throw cardan::Error::everywhere(
        plan.run_file +
        ": no rank is the twin (ml = 0 in [ranks], or one rank alone). Start two ranks or more.");
  Loop loop{session, plan};
  const double begin = MPI_Wtime();
  for (const auto cycle : session.steps(plan.problem.cycles)) {
    loop.cycle(cycle);
    if (told) told(cycle, loop.episode());
  }
  const double seconds = MPI_Wtime() - begin;
  Episode episode = loop.finish(session.comm());
  episode.seconds = seconds;
  episode.ml_library = session.ml_library();
  return episode;
}

/// What the twin's maker sees: it is called while a session opens its twin.
Problem& current()
{
  static Problem problem;
  return problem;
}

}  // namespace

std::optional<Episode> run_episode(const Plan& plan, const Told& told)
{
  static const bool known = [] {
    register_process(current());
    return true;
  }();
  static_cast<void>(known);
  current() = plan.problem;
  cardan::SessionOptions options;
  options.seed = plan.seed;
  options.folder = plan.folder;
  cardan::Session session{MPI_COMM_WORLD, plan.run_file, options};
  ask_settings(session.config("asset"));
  if (session.serves()) {
    if (session.serve() != 0) throw cardan::Error::everywhere("the asset ended with an error");
    return std::nullopt;
  }
  int rank = 0;
  MPI_Comm_rank(session.comm(), &rank);
  Episode episode = simulate(session, plan, rank == 0 ? told : Told{});
  if (rank != 0) return std::nullopt;
  return episode;
}

}  // namespace twin
