// What a pipeline's ML rank leaves behind.

#include "couplers/pipeline/ledger.hpp"
#include "support/log.hpp"

#include <cardan/archive.hpp>
#include <cardan/field.hpp>

#include <fmt/format.h>

#include <exception>
#include <filesystem>

namespace cardan::pipeline {

namespace {

void write_all(Archive& archive, const PipelineReport& report)
{
  std::vector<double> busy;
  std::vector<double> idle;
  std::vector<std::int64_t> counts;
  std::string names;
  for (const auto& stage : report.stages) {
    names += (names.empty() ? "" : " ") + stage.name;
    busy.push_back(stage.busy);
    idle.push_back(stage.idle);
    for (const auto count : {stage.entered, stage.promoted, stage.rejected, stage.failed})
      counts.push_back(count);
  }
  archive.attribute("/", "stages", names);
  archive.attribute("/", "verdicts",
                    std::string{"promoted warm_up held_back failed finished reconsidered "
                                "left_over"});
  archive.attribute("/", "busy_fraction", report.busy_fraction);
  archive.attribute("/", "wall", report.wall);
  archive.attribute("/", "versions", report.versions);
  archive.attribute("/", "drifts", report.drifts);
  archive.series("stages/busy", busy);
  archive.series("stages/idle", idle);
  const Extents shape{static_cast<std::int64_t>(report.stages.size()), 4};
  archive.write("stages/counts", Field{counts.data(), shape}.in({shape, {0, 0}, shape}));
}

}  // namespace

void Ledger::leave_behind(const std::string& folder) const
{
  if (folder.empty()) return;
  const auto path = std::filesystem::path(folder) / ("pipeline-" + name_ + ".h5");
  try {
    std::filesystem::create_directories(folder);
    Archive archive{MPI_COMM_SELF, path.string(), Archive::Mode::create};
    archive.attribute("/", "pipeline", name_);
    archive.attribute("/", "ranks", static_cast<std::int64_t>(ranks_));
    archive.attribute("/", "ways_left_out", left_out_);
    write_all(archive, report);
    archive.series("ways/candidate", ways_.candidate);
    archive.series("ways/stage", ways_.stage);
    archive.series("ways/verdict", ways_.verdict);
    archive.series("ways/score", ways_.score);
    archive.series("ways/threshold", ways_.threshold);
    archive.series("ways/time", ways_.time);
    archive.series("ways/rank", ways_.rank);
    archive.series("ways/version", ways_.version);
    archive.series("queues/time", queues_.time);
    const auto stages = static_cast<std::int64_t>(lines_.size());
    const Extents shape{static_cast<std::int64_t>(queues_.time.size()), stages};
    archive.write("queues/length", Field{queues_.length.data(), shape}.in({shape, {0, 0}, shape}));
    archive.series("assignment/time", splits_.time);
    archive.series("assignment/rank", splits_.rank);
    archive.series("assignment/stage", splits_.stage);
    archive.series("model/time", models_.time);
    archive.series("model/version", models_.version);
    archive.series("model/labels", models_.labels);
    archive.series("model/loss", models_.loss);
    archive.series("model/drift", models_.drift);
    archive.close();
  } catch (const std::exception& error) {
    log(fmt::format("what pipeline '{}' did is not kept: {}", name_, error.what()));
  }
}

}  // namespace cardan::pipeline
