/// What a pipeline's ML rank and its simulation ranks write to each other.
#pragma once

#include "couplers/pipeline/flow.hpp"
#include "couplers/pipeline/settings.hpp"
#include "couplers/tasks/wire.hpp"
#include "session/context.hpp"

#include <cardan/pipeline.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace cardan::pipeline {

/// Kinds of orders: a stage's number (the model's: to be described), or this: a piece of the
/// report.
inline constexpr std::int32_t report_kind = 1 << 20;

/// The most numbers of orders and results.
tasks::Shape shape_of(const Settings& settings, const PipelineShape& shape);

/// Throws where a shape cannot be, or simulation ranks differ. Collective over them.
void check_shape(const Context& context, const Settings& settings, const PipelineShape& shape);
/// Collective over the session, where there are ML ranks: the simulation's shape, on all ranks.
/// `mine` is the simulation ranks' own.
PipelineShape share_shape(const Context& context, const PipelineShape& mine);

/// Features of a candidate in one piece, each at a multiple of eight bytes.
struct Layout {
  explicit Layout(const Features& features);
  std::vector<std::size_t> offsets;
  std::size_t bytes = 0;
  /// Numbers of an order's that hold them.
  [[nodiscard]] std::size_t words() const { return bytes / sizeof(double); }
};

/// Adds a candidate to the numbers of an order.
void put_task(std::vector<double>& numbers, std::int64_t candidate, const Way& way);
/// Takes the next candidate from the numbers of an order; `task`'s spans are of these.
std::span<const double> next_task(std::span<const double> numbers, PipelineTask& task);

/// Of a result: a candidate, what the stage gave.
struct Given {
  std::int64_t candidate = 0;
  double score = 0;
  std::span<const double> values;
};
void put_given(std::vector<double>& numbers, const Given& given);
std::span<const double> next_given(std::span<const double> numbers, Given& given);
/// Of a description: a candidate, and its features as `values`.
std::span<const double> next_described(std::span<const double> numbers, const Layout& layout,
                                       Given& given);

}  // namespace cardan::pipeline
