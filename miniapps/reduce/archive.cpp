#include "figures.hpp"
#include "report.hpp"

#include <cardan/archive.hpp>

#include <fmt/format.h>

namespace reduce {

namespace {

std::string group_of(const Episode& episode)
{
  const Plan& plan = episode.plan;
  return fmt::format("runs/{}-{}-{:g}{}-{}", plan.kind, plan.encoder, plan.eps,
                     plan.retrain ? "-retrained" : "", plan.repetition);
}

void write_episode(cardan::Archive& archive, const Episode& episode)
{
  const std::string group = group_of(episode);
  archive.series(group + "/raw_bytes", episode.raw);
  archive.series(group + "/moved_bytes", episode.moved);
  archive.series(group + "/latent_bytes", episode.latent);
  archive.series(group + "/residual_bytes", episode.residual);
  archive.series(group + "/solver_seconds", episode.solving);
  archive.series(group + "/put_seconds", episode.putting);
  archive.series(group + "/waiting_seconds", episode.waiting);
  const Plan& plan = episode.plan;
  archive.attribute(group, "kind", plan.kind);
  archive.attribute(group, "encoder", plan.encoder);
  archive.attribute(group, "eps", plan.eps);
  archive.attribute(group, "stride", plan.stride);
  archive.attribute(group, "change_after", plan.change_after);
  archive.attribute(group, "retrain", static_cast<std::int64_t>(plan.retrain ? 1 : 0));
}

void write_fields(cardan::Archive& archive, const std::string& name, const Episode& episode)
{
  const cardan::Extents shape{2, episode.cells[0], episode.cells[1], episode.cells[2]};
  archive.write(name, cardan::Field{episode.fields.data(), shape}.in({shape, {0, 0, 0, 0}, shape}));
}

}  // namespace

void write_archive(const Results& results, const std::string& path)
{
  cardan::Archive archive{MPI_COMM_SELF, path, cardan::Archive::Mode::create};
  for (const auto& episode : results.episodes) write_episode(archive, episode);
  write_fields(archive, "fields/first", results.episodes.front());
  write_fields(archive, "fields/last", results.episodes.back());
  archive.close();
}

}  // namespace reduce
