#include "report.hpp"

#include <cardan/archive.hpp>
#include <cardan/field.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace funnel {

namespace {

constexpr std::int64_t shown = 6;

void write_curve(cardan::Archive& archive, const std::string& run, const Curve& curve, double all)
{
  std::vector<double> share = curve.cost;
  for (double& cost : share) cost /= all;
  archive.series(fmt::format("{}/{}_cost", run, curve.strategy), share);
  archive.series(fmt::format("{}/{}_recall", run, curve.strategy), curve.recall);
}

void write_pieces(cardan::Archive& archive, const std::string& run, const Episode& episode)
{
  std::vector<double> begin;
  std::vector<double> end;
  std::vector<std::int64_t> rank;
  std::vector<std::int64_t> stage;
  for (const Piece& piece : episode.pieces) {
    begin.push_back(piece.begin);
    end.push_back(piece.end);
    rank.push_back(piece.rank);
    stage.push_back(piece.stage);
  }
  archive.series(run + "/piece_begin", begin);
  archive.series(run + "/piece_end", end);
  archive.series(run + "/piece_rank", rank);
  archive.series(run + "/piece_stage", stage);
}

void write_run(cardan::Archive& archive, const std::string& run, const Episode& episode,
               const Outcome& outcome)
{
  const auto& report = episode.report;
  const auto numbers = report.finished.empty() ? 0 : report.results.size() / report.finished.size();
  std::vector<double> scores;
  for (std::size_t i = 0; numbers > 0 && i < report.results.size(); i += numbers)
    scores.push_back(report.results[i]);
  archive.series(run + "/finished", report.finished);
  archive.series(run + "/score", scores);
  archive.series(run + "/time", report.times);
  archive.series(run + "/cost", report.costs);
  for (const Curve* curve : {&outcome.funnel, &outcome.exhaustive, &outcome.random,
                             &outcome.coarse16, &outcome.coarse32})
    write_curve(archive, run, *curve, outcome.exhaustive_seconds);
  write_pieces(archive, run, episode);
  std::string stages;
  for (const auto& stage : report.stages) stages += (stages.empty() ? "" : " ") + stage.name;
  archive.attribute(run, "kind", episode.plan.kind);
  archive.attribute(run, "seed", episode.plan.seed);
  archive.attribute(run, "stages", stages);
  archive.attribute(run, "ranks", std::int64_t{episode.simulation_ranks});
  archive.attribute(run, "wall", report.wall);
  archive.attribute(run, "session", episode.plan.folder);
}

void write_truth(cardan::Archive& archive, const std::string& group, const Truth& truth)
{
  archive.series(group + "/label", truth.labels);
  archive.series(group + "/lower", truth.lower);
  archive.series(group + "/upper", truth.upper);
  archive.series(group + "/coarse16", truth.coarse16);
  archive.series(group + "/coarse32", truth.coarse32);
}

/// The best that the first run found: images, and what flows through them.
void write_best(cardan::Archive& archive, const Episode& episode, const Phases& phases)
{
  const auto& report = episode.report;
  if (report.finished.empty()) return;
  const auto numbers = report.results.size() / report.finished.size();
  std::vector<std::size_t> order(report.finished.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return report.results[a * numbers] > report.results[b * numbers];
  });
  order.resize(std::min<std::size_t>(order.size(), shown));
  Laboratory laboratory{episode.plan.library, phases};
  const std::int64_t size = episode.plan.library.size;
  Conduction conduction{static_cast<int>(size)};
  std::vector<double> images;
  std::vector<double> fluxes;
  std::vector<std::int64_t> candidates;
  std::vector<double> labels;
  for (const std::size_t i : order) {
    const Image& image = laboratory.image(report.finished[i]);
    images.insert(images.end(), image.pixels.begin(), image.pixels.end());
    const auto flux = conduction.flux(conductivities(image, phases));
    fluxes.insert(fluxes.end(), flux.begin(), flux.end());
    candidates.push_back(report.finished[i]);
    labels.push_back(report.results[i * numbers]);
  }
  const cardan::Extents shape{static_cast<std::int64_t>(order.size()), size, size};
  archive.write("best/image", cardan::Field{images.data(), shape}.in({shape, {0, 0, 0}, shape}));
  archive.write("best/flux", cardan::Field{fluxes.data(), shape}.in({shape, {0, 0, 0}, shape}));
  archive.series("best/candidate", candidates);
  archive.series("best/score", labels);
}

}  // namespace

void write_archive(const Results& results, const std::string& path)
{
  cardan::Archive archive{MPI_COMM_SELF, path, cardan::Archive::Mode::create};
  for (const auto& [name, value] : cardan::build_information()) archive.attribute("/", name, value);
  std::int64_t seed = -1;
  for (std::size_t i = 0; i < results.episodes.size(); ++i) {
    const Episode& episode = results.episodes[i];
    const Plan& plan = episode.plan;
    write_run(archive, fmt::format("runs/{}-{}", plan.kind, plan.seed), episode,
              results.outcomes[i]);
    if (plan.seed != seed) write_truth(archive, fmt::format("truth/{}", plan.seed), episode.truth);
    seed = plan.seed;
  }
  write_best(archive, results.episodes.front(), results.settings.phases);
  archive.close();
}

}  // namespace funnel
