#include "report.hpp"

#include "fields.hpp"

#include <cardan/archive.hpp>
#include <cardan/error.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>

namespace inner {

double field_error(MPI_Comm comm, const Run& solver, const Run& coupled, std::vector<double>* each)
{
  std::array<double, 2 * species> sums{};
  for (std::size_t i = 0; i < solver.state.size(); ++i) {
    const double difference = coupled.state[i] - solver.state[i];
    sums[i % species] += difference * difference;
    sums[species + i % species] += solver.state[i] * solver.state[i];
  }
  MPI_Allreduce(MPI_IN_PLACE, sums.data(), static_cast<int>(sums.size()), MPI_DOUBLE, MPI_SUM,
                comm);
  double worst = 0;
  for (std::size_t s = 0; s < species; ++s) {
    const double error = std::sqrt(sums[s] / sums[species + s]);
    if (each != nullptr) each->push_back(error);
    worst = std::max(worst, error);
  }
  return worst;
}

namespace {

void write_run(cardan::Archive& archive, const std::string& name, const Reactor& reactor,
               const Run& run)
{
  const cardan::Box box = state_box(reactor);
  archive.write(name + "/final/state", cardan::Field{std::span(run.state), box.count}.in(box));
  archive.attribute(name + "/final/state", "axes", std::string("y, x, species (y1, y2, y3)"));
  archive.attribute(name + "/final/state", "units", std::string("mole fraction"));
  const History& h = run.history;
  std::vector<std::int64_t> step(h.asked.size());
  for (std::size_t i = 0; i < step.size(); ++i) step[i] = h.first + static_cast<std::int64_t>(i);
  archive.series(name + "/steps/step", step);
  archive.series(name + "/steps/chemistry_seconds", h.chemistry_seconds);
  archive.series(name + "/steps/asked", h.asked);
  archive.series(name + "/steps/trusted", h.trusted);
  archive.series(name + "/steps/solved", h.solved);
  archive.series(name + "/steps/late", h.late);
  archive.series(name + "/steps/model_version", h.model_version);
  archive.series(name + "/steps/weights_age_steps", h.weights_age_steps);
  archive.series(name + "/steps/loss", h.loss);
  archive.series(name + "/steps/validation_loss", h.validation_loss);
}

void write_archive(cardan::Session& session, const Reactor& reactor, const Problem& problem,
                   const Results& results, const std::string& path)
{
  cardan::Archive archive{session.comm(), path, cardan::Archive::Mode::create};
  archive.text("text/run_file", session.run_file_text());
  std::string map;
  for (std::size_t r = 0; r < session.rank_map().size(); ++r)
    map += fmt::format("{} {} {}\n", r, session.rank_map()[r].host, session.rank_map()[r].role);
  archive.text("text/rank_map", map);
  for (const auto& [name, value] : cardan::build_information()) archive.attribute("/", name, value);
  archive.attribute("/", "ml_library", session.ml_library());
  archive.attribute("/", "seed", session.seed());
  archive.text("grid/initial", problem.initial);
  archive.attribute("grid", "length", problem.settings.length);
  archive.attribute("grid", "dt", problem.settings.dt);
  archive.attribute("grid", "steps", problem.steps);
  if (results.solver) write_run(archive, "solver", reactor, *results.solver);
  if (results.coupled) write_run(archive, "coupled", reactor, *results.coupled);
  archive.close();
}

nlohmann::json summary_of(const Run& run)
{
  const History& h = run.history;
  return {{"wall_seconds", h.wall_seconds},
          {"chemistry_seconds", h.chemistry()},
          {"mass_drift", h.mass_drift},
          {"all_solved", h.all_solved}};
}

nlohmann::json summary_of(cardan::Session& session, const Problem& problem, const Results& results)
{
  nlohmann::json summary{
      {"miniapp", "inner"},
      {"grid", {problem.settings.ny, problem.settings.nx}},
      {"steps", problem.steps},
      {"dt", problem.settings.dt},
      {"seed", session.seed()},
      {"initial", problem.initial},
      {"ml_ranks", session.ml_ranks()},
      {"simulation_ranks", static_cast<int>(session.rank_map().size()) - session.ml_ranks()},
      {"ml_library", session.ml_library()}};
  if (results.solver) summary["solver"] = summary_of(*results.solver);
  if (results.coupled) {
    const History& h = results.coupled->history;
    const cardan::Counters& c = h.counters;
    summary["coupled"] = summary_of(*results.coupled);
    summary["coupled"]["cells"] = {{"asked", c.asked},
                                   {"trusted", c.trusted},
                                   {"not_ready", c.not_ready},
                                   {"late", c.late},
                                   {"unsure", c.unsure},
                                   {"outside", c.outside},
                                   {"not_a_number", c.not_a_number},
                                   {"out_of_range", c.out_of_range},
                                   {"observed", c.observed},
                                   {"dropped", c.dropped}};
    summary["trusted_fraction"] = h.trusted_fraction();
    summary["trusted_fraction_final"] =
        static_cast<double>(h.trusted.back()) / static_cast<double>(h.asked.back());
    summary["model_version"] = h.model_version.back();
    summary["weights_age_steps"] = h.weights_age_steps.back();
  }
  if (results.solver && results.coupled) {
    std::vector<double> each;
    summary["field_error"] = field_error(session.comm(), *results.solver, *results.coupled, &each);
    summary["field_error_species"] = each;
    summary["chemistry_speedup"] =
        results.solver->history.chemistry() / results.coupled->history.chemistry();
    summary["wall_speedup"] =
        results.solver->history.wall_seconds / results.coupled->history.wall_seconds;
  }
  return summary;
}

void print(const nlohmann::json& summary, const Results& results)
{
  const auto line = [](const std::string& what, const std::string& value) {
    fmt::print("  {:<36} {}\n", what, value);
  };
  fmt::print("\ninner: {} x {} cells, {} steps of {}, seed {}, {} simulation and {} ML ranks\n",
             summary["grid"][0].get<int>(), summary["grid"][1].get<int>(),
             summary["steps"].get<int>(), summary["dt"].get<double>(),
             summary["seed"].get<std::int64_t>(), summary["simulation_ranks"].get<int>(),
             summary["ml_ranks"].get<int>());
  const auto times = [&](const char* name, const Run& run) {
    line(fmt::format("{}: wall time", name), fmt::format("{:.2f} s", run.history.wall_seconds));
    line(fmt::format("{}: chemistry", name), fmt::format("{:.2f} s", run.history.chemistry()));
    line(fmt::format("{}: drift of mass", name), fmt::format("{:.1e}", run.history.mass_drift));
  };
  if (results.solver) times("solver only", *results.solver);
  if (results.coupled) {
    times("coupled", *results.coupled);
    const History& h = results.coupled->history;
    line("cells answered by the model",
         fmt::format("{:.1f} % (last step {:.1f} %)", 100 * h.trusted_fraction(),
                     100 * summary["trusted_fraction_final"].get<double>()));
    std::string over_time;
    for (std::size_t tenth = 0; tenth < 10; ++tenth) {
      const std::size_t i = (tenth + 1) * h.asked.size() / 10;
      if (i > 0)
        over_time += fmt::format(" {:.0f}", 100.0 * static_cast<double>(h.trusted[i - 1]) /
                                                static_cast<double>(h.asked[i - 1]));
    }
    line("  after each tenth of the run, %", over_time);
    line("model version, age of its weights",
         fmt::format("{}, {} steps", h.model_version.back(), h.weights_age_steps.back()));
  }
  if (results.solver && results.coupled) {
    line("speed-up of the chemistry",
         fmt::format("{:.2f}", summary["chemistry_speedup"].get<double>()));
    line("speed-up of the whole run", fmt::format("{:.2f}", summary["wall_speedup"].get<double>()));
    line("error of the final fields", fmt::format("{:.1e} (largest relative L2 over species)",
                                                  summary["field_error"].get<double>()));
  }
}

}  // namespace

void report(cardan::Session& session, const Reactor& reactor, const Problem& problem,
            const Results& results, const std::string& folder)
{
  const auto archive = (std::filesystem::path(folder) / "inner.h5").string();
  const auto summary_file = (std::filesystem::path(folder) / "summary.json").string();
  write_archive(session, reactor, problem, results, archive);
  const nlohmann::json summary = summary_of(session, problem, results);
  int rank = 0;
  MPI_Comm_rank(session.comm(), &rank);
  if (rank != 0) return;
  std::ofstream file{summary_file};
  file << summary.dump(2) << '\n';
  if (!file.flush()) throw cardan::Error{"cannot write " + summary_file};
  print(summary, results);
  fmt::print("\nwrote {}\nwrote {}\n", archive, summary_file);
  std::fflush(stdout);
}

}  // namespace inner
