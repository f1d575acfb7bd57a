#include "experiment.hpp"

#include "options.hpp"
#include "subgrid.hpp"

#include <mpi.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace federate {

namespace {

using Row = std::vector<double>;

Row row_of(const cardan::FederationRound& r)
{
  return {static_cast<double>(r.round),
          static_cast<double>(r.version),
          r.local_loss,
          r.global_loss,
          r.validation_loss,
          static_cast<double>(r.samples),
          static_cast<double>(r.steps),
          r.update_norm,
          r.clipped,
          r.taken ? 1.0 : 0.0,
          static_cast<double>(r.participants),
          static_cast<double>(r.late),
          static_cast<double>(r.staleness),
          r.epsilon,
          static_cast<double>(r.moved_bytes),
          static_cast<double>(r.raw_bytes),
          static_cast<double>(r.received_bytes),
          r.training,
          r.waiting};
}

/// Values of all ranks on the first one, rank after rank.
std::vector<Row> gathered(MPI_Comm comm, const Row& mine)
{
  int rank = 0;
  int ranks = 1;
  MPI_Comm_rank(comm, &rank);
  MPI_Comm_size(comm, &ranks);
  const int count = static_cast<int>(mine.size());
  std::vector<int> counts(static_cast<std::size_t>(ranks));
  MPI_Gather(&count, 1, MPI_INT, counts.data(), 1, MPI_INT, 0, comm);
  std::vector<int> offsets(counts.size());
  std::exclusive_scan(counts.begin(), counts.end(), offsets.begin(), 0);
  const std::size_t total =
      rank == 0 ? static_cast<std::size_t>(offsets.back() + counts.back()) : 0;
  Row all(total);
  MPI_Gatherv(mine.data(), count, MPI_DOUBLE, all.data(), counts.data(), offsets.data(), MPI_DOUBLE,
              0, comm);
  std::vector<Row> rows;
  for (std::size_t i = 0; rank == 0 && i < counts.size(); ++i)
    rows.emplace_back(all.begin() + offsets[i], all.begin() + offsets[i] + counts[i]);
  return rows;
}

cardan::Field field(const std::vector<double>& values, std::int64_t count)
{
  return {values.data(), {count, static_cast<std::int64_t>(values.size()) / count}};
}

void teach(cardan::Federation& federation, World& world, int silo)
{
  const Samples& training = world.samples(silo, Part::training);
  federation.observe({{"x", field(training.input, training.count)}},
                     {{"y", field(training.output, training.count)}});
  const Samples& held_out = world.samples(silo, Part::held_out);
  federation.hold_out({{"x", field(held_out.input, held_out.count)}},
                      {{"y", field(held_out.output, held_out.count)}});
}

std::vector<double> answers(cardan::Federation& federation, const std::vector<double>& input,
                            std::int64_t count, std::int64_t outputs)
{
  std::vector<double> out(static_cast<std::size_t>(count * outputs));
  federation.predict({{"x", field(input, count)}},
                     {{"y", cardan::Field{out.data(), {count, outputs}}}});
  return out;
}

/// Root mean square of the error over that of the answers: 1 is as good as answering 0.
double error_in(cardan::Federation& federation, const Samples& samples)
{
  const auto out = answers(federation, samples.input, samples.count, samples.outputs);
  double error = 0;
  double size = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    error += (out[i] - samples.output[i]) * (out[i] - samples.output[i]);
    size += samples.output[i] * samples.output[i];
  }
  return std::sqrt(error / size);
}

/// What a linear model computes, from its answers.
Line line_of(cardan::Federation& federation, std::int64_t inputs)
{
  const auto n = static_cast<std::size_t>(inputs);
  std::vector<double> probes((n + 1) * n);
  for (std::size_t i = 0; i < n; ++i) probes[i * n + i] = 1;
  Line line = answers(federation, probes, inputs + 1, 1);
  for (std::size_t i = 0; i < n; ++i) line[i] -= line[n];
  return line;
}

double mean_of_last(const std::vector<Rounds>& silos, const std::string& column)
{
  double sum = 0;
  for (const auto& silo : silos) sum += silo.last(column);
  return sum / static_cast<double>(silos.size());
}

Outcome simulate(cardan::Session& session, const Plan& plan, World& world, const Told& told)
{
  const MPI_Comm comm = session.comm();
  int rank = 0;
  int ranks = 0;
  MPI_Comm_rank(comm, &rank);
  MPI_Comm_size(comm, &ranks);
  world.open(ranks);
  const Problem& problem = world.problem();
  const int silos = problem.silos();
  auto federation =
      session.federation(plan.table, {{"x", cardan::Dtype::float64, {problem.inputs()}}},
                         {{"y", cardan::Dtype::float64, {problem.outputs()}}});
  // Without ML ranks there are more ranks than silos: those that are left over have nothing to do.
  const int learning = plan.kind == Plan::Kind::pooled ? 1 : silos;
  Row notes;
  Row errors;
  Row run_errors;
  Outcome outcome;
  const double begin = MPI_Wtime();
  if (rank < learning) {
    for (int silo = 0; silo < silos; ++silo)
      if (silo == rank || plan.kind == Plan::Kind::pooled) teach(federation, world, silo);
    for (bool last = false; !last;) {
      const cardan::FederationRound round = federation.round();
      last = round.last;
      const Row row = row_of(round);
      notes.insert(notes.end(), row.begin(), row.end());
      if (rank == 0 && told) told(round.round, round.validation_loss);
    }
    const auto model = [&](const std::vector<double>& input) {
      return answers(federation, input, static_cast<std::int64_t>(input.size()) / problem.inputs(),
                     problem.outputs());
    };
    for (int silo = 0; silo < silos && !plan.sweeps; ++silo) {
      errors.push_back(error_in(federation, world.samples(silo, Part::judged)));
      if (plan.problem == "subgrid")
        run_errors.push_back(problem.run_error(world.samples(silo, Part::judged), model));
    }
    if (plan.problem == "quadratic") outcome.line = line_of(federation, problem.inputs());
  }
  outcome.seconds = MPI_Wtime() - begin;
  for (const Row& flat : gathered(comm, notes)) {
    if (flat.empty()) continue;
    Rounds rounds;
    rounds.columns.resize(round_columns().size());
    for (std::size_t i = 0; i < flat.size(); ++i)
      rounds.columns[i % rounds.columns.size()].push_back(flat[i]);
    outcome.silos.push_back(std::move(rounds));
  }
  for (auto& row : gathered(comm, errors))
    if (!row.empty()) outcome.errors.push_back(std::move(row));
  for (auto& row : gathered(comm, run_errors))
    if (!row.empty()) outcome.run_errors.push_back(std::move(row));
  outcome.plan = plan;
  outcome.ml_ranks = session.ml_ranks();
  outcome.ml_library = session.ml_library();
  if (rank != 0) return outcome;
  outcome.global_loss = mean_of_last(outcome.silos, "global_loss");
  outcome.held_out_loss = mean_of_last(outcome.silos, "validation_loss");
  return outcome;
}

}  // namespace

const std::vector<std::string>& round_columns()
{
  static const std::vector<std::string> names{
      "round",        "version",        "local_loss",  "global_loss", "validation_loss",
      "samples",      "steps",          "update_norm", "clipped",     "taken",
      "participants", "late",           "staleness",   "epsilon",     "moved_bytes",
      "raw_bytes",    "received_bytes", "training",    "waiting"};
  return names;
}

const std::vector<double>& Rounds::of(const std::string& column) const
{
  const auto& names = round_columns();
  const auto found = std::find(names.begin(), names.end(), column);
  return columns.at(static_cast<std::size_t>(found - names.begin()));
}

double Rounds::last(const std::string& column) const
{
  const auto& values = of(column);
  return values.empty() ? std::numeric_limits<double>::quiet_NaN() : values.back();
}

double Rounds::sum(const std::string& column) const
{
  const auto& values = of(column);
  return std::accumulate(values.begin(), values.end(), 0.0);
}

void World::open(int silos)
{
  if (problem_) return;
  if (name_ == "quadratic") {
    problem_ = std::make_unique<Regression>(seed_, silos);
    return;
  }
  SubgridSettings settings;
  settings.seed = seed_;
  settings.silos = silos;
  problem_ = std::make_unique<Subgrid>(settings);
}

const Samples& World::samples(int silo, Part part)
{
  const auto [place, fresh] = data_.try_emplace({silo, part});
  if (fresh) place->second = problem_->samples(silo, part);
  return place->second;
}

std::optional<Outcome> run_plan(const Plan& plan, World& world, const Told& told)
{
  cardan::SessionOptions options;
  options.seed = plan.seed;
  options.without_ml = plan.kind != Plan::Kind::federated;
  options.folder = plan.folder;
  cardan::Session session{MPI_COMM_WORLD, plan.run_file, options};
  ask_settings(session.config("federate"));
  if (session.serves()) {
    if (session.serve() != 0) throw cardan::Error::everywhere("the simulation ended with an error");
    return std::nullopt;
  }
  Outcome outcome = simulate(session, plan, world, told);
  int rank = 0;
  MPI_Comm_rank(session.comm(), &rank);
  if (rank != 0) return std::nullopt;
  return outcome;
}

}  // namespace federate
