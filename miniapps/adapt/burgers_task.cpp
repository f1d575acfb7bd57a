// Surrogates of Burgers' equation: runs of the solver make the samples, trials are networks from a
// point (x, t, viscosity) to u.

#include "cole_hopf.hpp"
#include "episode.hpp"

#include <cardan/session.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numbers>
#include <thread>

namespace adapt {

namespace {

using std::numbers::pi;

/// Validation has runs of its own, the same for all seeds of a comparison.
constexpr std::uint64_t held_out_seed = 0x5eed;

cardan::Field inputs_of(const Rows& rows)
{
  return {rows.input.data(), {rows.count, features}};
}
cardan::Field outputs_of(const Rows& rows)
{
  return {rows.output.data(), {rows.count, 1}};
}

/// The runs of this rank: every one that its rank's number is left over from.
class Solver {
 public:
  Solver(const Settings& settings, std::uint64_t seed, MPI_Comm comm)
      : settings_(settings), seed_(seed)
  {
    MPI_Comm_rank(comm, &rank_);
    MPI_Comm_size(comm, &ranks_);
  }

  void prepare(cardan::Tuning& tuning)
  {
    for (std::int64_t run = rank_; run < settings_.held_out_runs; run += ranks_) {
      const Rows rows = shock_run(settings_.shocks, held_out_seed, run);
      tuning.hold_out({{"point", inputs_of(rows)}}, {{"velocity", outputs_of(rows)}});
    }
    while (next() < settings_.first_runs) static_cast<void>(simulate(tuning, 0));
  }

  /// One run; the samples that it made, none where all runs are done.
  std::int64_t simulate(cardan::Tuning& tuning, double pace)
  {
    if (next() >= settings_.most_runs) return 0;
    const auto begin = std::chrono::steady_clock::now();
    const Rows rows = shock_run(settings_.shocks, seed_, next());
    if (pace > 0) std::this_thread::sleep_for(std::chrono::duration<double>(pace));
    tuning.observe({{"point", inputs_of(rows)}}, {{"velocity", outputs_of(rows)}});
    seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    ++done_;
    return rows.count;
  }

  /// Collective: of all ranks.
  void report(MPI_Comm comm, Episode& episode) const
  {
    episode.solver_runs = done_;
    episode.solver_seconds = seconds_;
    MPI_Allreduce(MPI_IN_PLACE, &episode.solver_runs, 1, MPI_INT64_T, MPI_SUM, comm);
    MPI_Allreduce(MPI_IN_PLACE, &episode.solver_seconds, 1, MPI_DOUBLE, MPI_SUM, comm);
    if (episode.solver_runs > 0) episode.solver_seconds /= static_cast<double>(episode.solver_runs);
  }

 private:
  [[nodiscard]] std::int64_t next() const { return done_ * ranks_ + rank_; }

  const Settings& settings_;
  std::uint64_t seed_;
  int rank_ = 0;
  int ranks_ = 1;
  std::int64_t done_ = 0;
  double seconds_ = 0;
};

/// u at points (x, t), at the published viscosity, as the best trial has it.
class Surrogate {
 public:
  explicit Surrogate(cardan::Tuning& tuning) : tuning_(tuning) {}

  void add(double x, double t)
  {
    const auto row = feature(x, t, published_viscosity);
    rows_.input.insert(rows_.input.end(), row.begin(), row.end());
    ++rows_.count;
  }
  std::vector<double> velocities()
  {
    std::vector<double> u(static_cast<std::size_t>(rows_.count));
    tuning_.predict({{"point", inputs_of(rows_)}},
                    {{"velocity", cardan::Field{u.data(), {rows_.count, 1}}}});
    rows_ = {};
    return u;
  }

 private:
  cardan::Tuning& tuning_;
  Rows rows_;
};

/// Differences of order 4 over a quarter of the shock's half width, which a network in single
/// precision resolves to about 1e-4 of the slope.
void compare_slopes(Surrogate& surrogate, double end, ShockCheck& check)
{
  constexpr int moments = 400;
  const ColeHopf exact{published_viscosity};
  const double h = published_viscosity / 4;
  for (int i = 0; i <= moments; ++i) {
    const double t = end * i / moments;
    for (const int place : {-2, -1, 1, 2}) surrogate.add(place * h, t);
    check.times.push_back(t);
    check.exact_slopes.push_back(exact.slope(0, t));
  }
  const auto u = surrogate.velocities();
  check.slopes.reserve(check.times.size());
  for (std::size_t i = 0; i < check.times.size(); ++i) {
    const double* v = u.data() + 4 * i;
    check.slopes.push_back((8 * (v[2] - v[1]) - (v[3] - v[0])) / (12 * h));
  }
  const auto lowest = std::min_element(check.slopes.begin(), check.slopes.end());
  check.slope = *lowest;
  check.pi_time = pi * check.times[static_cast<std::size_t>(lowest - check.slopes.begin())];
}

/// Root mean square of u's error over 50 times and 201 positions; even or spread.
double rms_of(Surrogate& surrogate, double end, bool spread)
{
  const ColeHopf exact{published_viscosity};
  const double furthest = std::asinh(1 / (2 * published_viscosity));
  std::vector<double> truth;
  truth.reserve(std::size_t{50} * 201);
  for (int i = 1; i <= 50; ++i)
    for (int j = -100; j <= 100; ++j) {
      const double part = j / 100.0;
      const double x = spread ? 2 * published_viscosity * std::sinh(part * furthest) : part;
      surrogate.add(x, end * i / 50);
      truth.push_back(exact.velocity(x, end * i / 50));
    }
  const auto u = surrogate.velocities();
  double sum = 0;
  for (std::size_t i = 0; i < u.size(); ++i) sum += (u[i] - truth[i]) * (u[i] - truth[i]);
  return std::sqrt(sum / static_cast<double>(u.size()));
}

ShockCheck check_shock(cardan::Tuning& tuning, double end)
{
  ShockCheck check;
  Surrogate surrogate{tuning};
  compare_slopes(surrogate, end, check);
  check.rms = rms_of(surrogate, end, false);
  check.rms_spread = rms_of(surrogate, end, true);
  const ColeHopf exact{published_viscosity};
  check.profile_times = {0, 0.25 * end, 0.5 * end, end};
  check.x.reserve(401);
  for (int j = -200; j <= 200; ++j)
    check.x.push_back(2 * published_viscosity *
                      std::sinh(j / 200.0 * std::asinh(1 / (2 * published_viscosity))));
  for (const double t : check.profile_times)
    for (const double x : check.x) {
      surrogate.add(x, t);
      check.exact_profiles.push_back(exact.velocity(x, t));
    }
  check.profiles = surrogate.velocities();
  return check;
}

}  // namespace

Episode tune_burgers(cardan::Session& session, const Settings& settings, const Plan& plan)
{
  cardan::TuningShape shape;
  shape.inputs = {{"point", cardan::Dtype::float64, {features}}};
  shape.outputs = {{"velocity", cardan::Dtype::float64, {1}}};
  cardan::Tuning tuning = session.tuning(plan.task, shape);
  const MPI_Comm comm = session.comm();
  Solver solver{settings, static_cast<std::uint64_t>(session.seed()), comm};
  solver.prepare(tuning);
  cardan::TuningWork work = tuning.model_work();
  work.simulate = [&] { return solver.simulate(tuning, settings.pace); };
  tuning.run(work);
  Episode episode;
  describe(tuning, episode);
  solver.report(comm, episode);
  int rank = 0;
  MPI_Comm_rank(comm, &rank);
  if (rank == 0 && episode.report.best >= 0)
    episode.shock = check_shock(tuning, settings.shocks.end);
  return episode;
}

}  // namespace adapt
