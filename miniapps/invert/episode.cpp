#include "episode.hpp"

#include "forward.hpp"
#include "statistics.hpp"
#include "wanted.hpp"

#include <cardan/cardan.hpp>

#include <cmath>
#include <limits>
#include <memory>
#include <numeric>

namespace invert {

namespace {

std::vector<double> data_of(const Settings& settings)
{
  if (settings.mode == "design") return wanted_field(settings.wanted);
  if (settings.data == "regenerated") return regenerated_data();
  const auto data = published_data();
  return {data.begin(), data.end()};
}

cardan::InverseProblem make_problem(const Settings& settings)
{
  const auto forward = std::make_shared<Forward>();
  const Mesh mesh;
  cardan::InverseProblem problem;
  problem.prior_mean.assign(mesh.parameters(), settings.prior.mean);
  problem.prior_deviation.assign(mesh.parameters(), settings.prior.deviation);
  problem.data = data_of(settings);
  problem.data_deviation.assign(mesh.measurements(),
                                settings.mode == "design" ? settings.tolerance : error_deviation);
  // a = 1, as the benchmark's authors begin.
  problem.start.assign(mesh.parameters(), 0.0);
  problem.solve = [forward](std::span<const double> theta, std::span<double> predicted) {
    forward->solve(theta, predicted);
  };
  problem.pull_back = [forward](std::span<const double> theta, std::span<const double> cotangent,
                                std::span<double> gradient) {
    forward->pull_back(theta, cotangent, gradient);
  };
  return problem;
}

/// All chains, on the first rank: each sample as chain, log-likelihood and theta.
std::vector<Trace> gather(MPI_Comm comm, const std::vector<cardan::InverseSample>& samples,
                          std::size_t parameters)
{
  int rank = 0;
  int ranks = 1;
  MPI_Comm_rank(comm, &rank);
  MPI_Comm_size(comm, &ranks);
  const std::size_t width = parameters + 2;
  std::vector<double> own;
  own.reserve(samples.size() * width);
  for (const auto& sample : samples) {
    own.push_back(sample.chain);
    own.push_back(sample.log_likelihood);
    own.insert(own.end(), sample.theta.begin(), sample.theta.end());
  }
  auto count = static_cast<int>(own.size());
  std::vector<int> counts(static_cast<std::size_t>(ranks));
  MPI_Gather(&count, 1, MPI_INT, counts.data(), 1, MPI_INT, 0, comm);
  std::vector<int> offsets(counts.size(), 0);
  std::partial_sum(counts.begin(), counts.end() - 1, offsets.begin() + 1);
  std::vector<double> all(
      static_cast<std::size_t>(std::accumulate(counts.begin(), counts.end(), 0)));
  MPI_Gatherv(own.data(), count, MPI_DOUBLE, all.data(), counts.data(), offsets.data(), MPI_DOUBLE,
              0, comm);
  std::vector<Trace> traces;
  for (std::size_t at = 0; at + width <= all.size() && rank == 0; at += width) {
    const auto chain = static_cast<std::size_t>(all[at]);
    if (traces.size() <= chain) traces.resize(chain + 1);
    traces[chain].log_likelihood.push_back(all[at + 1]);
    const auto theta = all.begin() + static_cast<std::ptrdiff_t>(at) + 2;
    traces[chain].theta.insert(traces[chain].theta.end(), theta,
                               theta + static_cast<std::ptrdiff_t>(parameters));
  }
  return traces;
}

std::vector<double> careful_effective(const Episode& run, std::size_t blocks)
{
  std::vector<double> result;
  result.reserve(blocks);
  for (std::size_t block = 0; block < blocks; ++block) {
    std::vector<std::vector<double>> chains;
    chains.reserve(run.traces.size());
    for (std::size_t chain = 0; chain < run.traces.size(); ++chain)
      chains.push_back(run.series(chain, block));
    result.push_back(effective_samples(chains));
  }
  return result;
}

/// Fills `errors` and `freedom`, once `careful` is known.
void find_errors(Episode& run, std::size_t blocks)
{
  const std::size_t chains = run.traces.size();
  const bool scatter = chains >= 4;
  run.freedom = scatter ? static_cast<double>(chains - 1) : 1e6;
  run.errors.assign(blocks, std::numeric_limits<double>::infinity());
  for (std::size_t block = 0; block < blocks; ++block) {
    std::vector<double> means;
    means.reserve(chains);
    for (std::size_t chain = 0; chain < chains; ++chain)
      means.push_back(mean_of(run.series(chain, block)));
    const double error = scatter ? deviation_of(means) / std::sqrt(static_cast<double>(chains))
                                 : run.report.deviation[block] / std::sqrt(run.careful[block]);
    if (error > 0) run.errors[block] = error;
  }
}

Episode simulate(cardan::Session& session, const Plan& plan, const Settings& settings)
{
  const auto problem = make_problem(settings);
  auto inverse = session.inverse(plan.method, problem);
  Episode episode;
  episode.plan = plan;
  const double begin = MPI_Wtime();
  episode.report = inverse.run();
  episode.seconds = MPI_Wtime() - begin;
  if (settings.mode == "design" && episode.report.design.size() != problem.parameters())
    throw cardan::Error::everywhere(plan.run_file +
                                    ": no design was found (does [inverse.design] "
                                    "have mode = \"design\"?)");
  episode.traces = gather(session.comm(), inverse.samples(), problem.parameters());
  episode.careful = careful_effective(episode, problem.parameters());
  find_errors(episode, episode.report.mean.size());
  episode.ml_ranks = session.ml_ranks();
  MPI_Comm_size(session.comm(), &episode.simulation_ranks);
  episode.ml_library = session.ml_library();
  const auto inverse_tables = cardan::Config::from_file(plan.run_file).table("inverse");
  const auto first_stage = inverse_tables.table(plan.method).table("first_stage");
  episode.coarse_cost = cost_of(first_stage.get<std::string>("coarse", ""));
  return episode;
}

}  // namespace

std::vector<double> Episode::series(std::size_t chain, std::size_t block) const
{
  const Trace& trace = traces[chain];
  const std::size_t count = trace.log_likelihood.size();
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i)
    values[i] = trace.theta[i * (trace.theta.size() / count) + block];
  return values;
}

std::optional<Episode> run_episode(const Plan& plan, const Settings& settings)
{
  cardan::SessionOptions options;
  options.seed = plan.seed;
  options.folder = plan.folder;
  register_coarse_membranes();
  cardan::Session session{MPI_COMM_WORLD, plan.run_file, options};
  ask_settings(session.config("invert"));
  if (session.serves()) {
    if (session.serve() != 0) throw cardan::Error::everywhere("the simulation ended with an error");
    return std::nullopt;
  }
  Episode episode = simulate(session, plan, settings);
  int rank = 0;
  MPI_Comm_rank(session.comm(), &rank);
  if (rank != 0) return std::nullopt;
  return episode;
}

}  // namespace invert
