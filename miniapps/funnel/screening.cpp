#include "screening.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstring>

namespace funnel {

namespace {

constexpr std::string_view coarse_name = "coarse";

/// Pixels along an edge that a stage solves on; 0 where its name says nothing of it.
int size_of(const std::string& stage, int image)
{
  if (stage == "fine") return image;
  if (!stage.starts_with(coarse_name)) return 0;
  int size = 0;
  const char* begin = stage.data() + coarse_name.size();
  const char* end = stage.data() + stage.size();
  const auto read = std::from_chars(begin, end, size);
  const bool fits = read.ec == std::errc{} && read.ptr == end && size > 1 && image % size == 0;
  return fits ? size : 0;
}

}  // namespace

cardan::PipelineShape shape_of(const LibrarySettings& library)
{
  return {{{"image", cardan::Dtype::uint8, {library.size, library.size}}}, bounds};
}

Screening::Screening(Laboratory& laboratory, const std::vector<std::string>& stages,
                     const std::string& run_file)
    : laboratory_(laboratory)
{
  const int image = laboratory.library().settings().size;
  for (const auto& stage : stages) {
    sizes_.push_back(size_of(stage, image));
    const bool models = sizes_.size() == 1 && stages.size() > 1 && !stage.starts_with(coarse_name);
    if (sizes_.back() == 0 && !models)
      throw cardan::Error::everywhere(
          fmt::format("{}: stage '{}' of [pipeline.library] (known: fine, and coarseN for an N "
                      "that divides {})",
                      run_file, stage, image));
    if (sizes_.back() > 0) laboratory_.prepare(sizes_.back());
  }
  if (stages.back() != "fine")
    throw cardan::Error::everywhere(
        fmt::format("{}: the last stage of [pipeline.library] is '{}' (must be fine)", run_file,
                    stages.back()));
}

void Screening::describe(std::int64_t candidate, std::byte* const* features)
{
  const double begin = MPI_Wtime();
  const Image& image = laboratory_.image(candidate);
  std::memcpy(features[0], image.pixels.data(), image.pixels.size());
  pieces_.push_back({begin, MPI_Wtime(), 0, -1});
}

double Screening::fine(std::int64_t candidate, std::span<double> values, std::int64_t& count)
{
  const Bracket found = laboratory_.fine(candidate);
  const double label = found.label();
  ++solved_;
  if (!found.holds(label)) ++outside_;
  values[0] = found.lower.xx;
  values[1] = found.upper.xx;
  count = bounds;
  return std::log10(label);
}

double Screening::run(const cardan::PipelineTask& task, std::span<double> values,
                      std::int64_t& count)
{
  const double begin = MPI_Wtime();
  const int size = sizes_.at(static_cast<std::size_t>(task.stage));
  const bool last = static_cast<std::size_t>(task.stage) + 1 == sizes_.size();
  count = 0;
  const double score = last ? fine(task.candidate, values, count)
                            : std::log10(laboratory_.coarse(task.candidate, size));
  pieces_.push_back({begin, MPI_Wtime(), 0, task.stage});
  return score;
}

cardan::PipelineWork Screening::work()
{
  cardan::PipelineWork work;
  work.describe = [this](std::int64_t candidate, std::byte* const* features) {
    describe(candidate, features);
  };
  work.run = [this](const cardan::PipelineTask& task, std::span<double> values,
                    std::int64_t& count) { return run(task, values, count); };
  return work;
}

}  // namespace funnel
