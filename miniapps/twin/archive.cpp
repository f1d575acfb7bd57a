#include "report.hpp"

#include <cardan/archive.hpp>
#include <cardan/field.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace twin {

namespace {

void write_fields(cardan::Archive& archive, const std::string& name, const Episode& episode)
{
  if (episode.truth.empty()) return;
  const std::int64_t n = episode.plan.problem.variables;
  const auto rows = static_cast<std::int64_t>(episode.truth.size()) / n;
  const cardan::Extents shape{rows, n};
  const auto write = [&](const char* what, const Series& values) {
    archive.write(name + "/" + what,
                  cardan::Field{values.data(), shape}.in({shape, {0, 0}, shape}));
  };
  write("truth", episode.truth);
  write("difference", episode.difference);
  write("sites", episode.sites);
}

void write_run(cardan::Archive& archive, const std::string& name, const Episode& episode)
{
  archive.series(name + "/analysis_error", episode.analysis_error);
  archive.series(name + "/forecast_error", episode.forecast_error);
  archive.series(name + "/spread", episode.spread);
  archive.series(name + "/energy", episode.energy);
  archive.series(name + "/control", episode.control);
  archive.series(name + "/latency", episode.latency);
  archive.series(name + "/work", episode.work);
  archive.series(name + "/age", episode.age);
  archive.series(name + "/on_time", episode.on_time);
  archive.series(name + "/version", episode.version);
  archive.series(name + "/trusted", episode.trusted);
  archive.attribute(name, "seed", episode.plan.seed);
  archive.attribute(name, "observed",
                    episode.plan.problem.observed > 0 ? episode.plan.problem.observed
                                                      : episode.plan.problem.variables);
  archive.attribute(name, "interval", episode.plan.problem.interval);
  archive.attribute(name, "period", episode.period);
  archive.attribute(name, "missed", episode.counters.missed);
  archive.attribute(name, "session", episode.plan.folder);
  write_fields(archive, name + "/fields", episode);
}

}  // namespace

void write_archive(const Results& results, const std::string& path)
{
  cardan::Archive archive{MPI_COMM_SELF, path, cardan::Archive::Mode::create};
  for (const auto& [name, value] : cardan::build_information()) archive.attribute("/", name, value);
  const Problem& problem = results.episodes.front().plan.problem;
  archive.attribute("/", "asset", problem.asset);
  archive.attribute("/", "variables", problem.variables);
  archive.attribute("/", "forcing", problem.forcing);
  archive.attribute("/", "noise", problem.noise);
  archive.attribute("/", "spin_up", problem.spin_up);
  for (const auto& episode : results.episodes)
    write_run(archive, fmt::format("runs/{}/seed_{}", episode.plan.method, episode.plan.seed),
              episode);
  archive.close();
}

}  // namespace twin
