#include "couplers/pipeline/wire.hpp"

#include "channel/lanes.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace cardan::pipeline {

namespace {

/// A shape as fields, which channels can compare and send: the features, and a number for `values`.
std::vector<FieldSpec> specs_of(const PipelineShape& shape)
{
  std::vector<FieldSpec> specs;
  specs.push_back({"(values)", Dtype::float64, {1, shape.values + 1}, {}, {}});
  for (const auto& feature : shape.features) {
    std::vector<std::int64_t> extents{1};
    extents.insert(extents.end(), feature.shape.begin(), feature.shape.end());
    specs.push_back({feature.name, feature.dtype, Extents{extents}, {}, {}});
  }
  return specs;
}

PipelineShape shape_of(const std::vector<FieldSpec>& specs)
{
  PipelineShape shape;
  shape.values = specs.front().shape[1] - 1;
  for (auto spec = specs.begin() + 1; spec != specs.end(); ++spec) {
    const Extents tail = spec->shape.tail();
    Feature feature{spec->name, spec->dtype, {}};
    for (int d = 0; d < tail.rank(); ++d) feature.shape.push_back(tail[d]);
    shape.features.push_back(std::move(feature));
  }
  return shape;
}

}  // namespace

tasks::Shape shape_of(const Settings& settings, const PipelineShape& shape)
{
  // Pieces of the report go the same way.
  tasks::Shape most{200, 1};
  const auto stages = static_cast<std::int64_t>(settings.stages.size());
  for (const auto& stage : settings.stage) {
    const auto words = static_cast<std::int64_t>(Layout{shape.features}.words());
    most.order = std::max(most.order, stage.batch * (3 + stages + shape.values));
    most.result =
        std::max(most.result, stage.batch * (stage.has_model ? 1 + words : 3 + shape.values));
  }
  return most;
}

void check_shape(const Context& context, const Settings& settings, const PipelineShape& shape)
{
  mpi::together(context.part.get(), context.deadline(), [&] {
    if (shape.values < 0)
      throw Error{
          fmt::format("pipeline '{}' is opened with {} values", settings.name, shape.values),
          "their number cannot be negative"};
    if (settings.has_model() && shape.features.empty())
      throw Error{fmt::format("pipeline '{}' is opened without features", settings.name),
                  fmt::format("stage '{}' has a model", settings.stages.front())};
    for (const auto& feature : shape.features)
      if (feature.numbers() < 1 || feature.shape.size() >= static_cast<std::size_t>(max_rank))
        throw Error{fmt::format("feature '{}' of pipeline '{}' is declared with shape {}",
                                feature.name, settings.name, to_string(Extents{feature.shape})),
                    "every extent must be positive"};
  });
  const auto specs = specs_of(shape);
  static_cast<void>(channel::agree_on_fields(context.part.get(), settings.name, {specs, specs},
                                             context.deadline()));
}

PipelineShape share_shape(const Context& context, const PipelineShape& mine)
{
  return shape_of(
      channel::unpack(mpi::broadcast(context.everyone.get(), channel::pack(specs_of(mine)),
                                     context.first(&Roles::simulation), context.deadline())));
}

Layout::Layout(const Features& features)
{
  for (const auto& feature : features) {
    offsets.push_back(bytes);
    bytes += static_cast<std::size_t>((feature.bytes() + 7) / 8 * 8);
  }
}

void put_task(std::vector<double>& numbers, std::int64_t candidate, const Way& way)
{
  numbers.push_back(static_cast<double>(candidate));
  numbers.push_back(static_cast<double>(way.scores.size()));
  numbers.insert(numbers.end(), way.scores.begin(), way.scores.end());
  numbers.push_back(static_cast<double>(way.values.size()));
  numbers.insert(numbers.end(), way.values.begin(), way.values.end());
}

std::span<const double> next_task(std::span<const double> numbers, PipelineTask& task)
{
  task.candidate = static_cast<std::int64_t>(numbers[0]);
  const auto scores = static_cast<std::size_t>(numbers[1]);
  task.scores = numbers.subspan(2, scores);
  const auto values = static_cast<std::size_t>(numbers[2 + scores]);
  task.values = numbers.subspan(3 + scores, values);
  return numbers.subspan(3 + scores + values);
}

void put_given(std::vector<double>& numbers, const Given& given)
{
  numbers.push_back(static_cast<double>(given.candidate));
  numbers.push_back(given.score);
  numbers.push_back(static_cast<double>(given.values.size()));
  numbers.insert(numbers.end(), given.values.begin(), given.values.end());
}

std::span<const double> next_given(std::span<const double> numbers, Given& given)
{
  given.candidate = static_cast<std::int64_t>(numbers[0]);
  given.score = numbers[1];
  const auto values = static_cast<std::size_t>(numbers[2]);
  given.values = numbers.subspan(3, values);
  return numbers.subspan(3 + values);
}

std::span<const double> next_described(std::span<const double> numbers, const Layout& layout,
                                       Given& given)
{
  given.candidate = static_cast<std::int64_t>(numbers[0]);
  given.values = numbers.subspan(1, layout.words());
  return numbers.subspan(1 + layout.words());
}

}  // namespace cardan::pipeline
