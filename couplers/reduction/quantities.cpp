// The quantities that Cardan has.

#include "couplers/reduction/receivers.hpp"

#include <numeric>

namespace cardan::reduction {

namespace {

std::int64_t numbers(const ReductionField& field)
{
  return std::accumulate(field.shape.begin(), field.shape.end(), std::int64_t{1},
                         std::multiplies<>{});
}

template <class Term>
double sum_of(std::span<const ReductionField> fields, const double* const* values, Term&& term)
{
  double sum = 0;
  for (std::size_t f = 0; f < fields.size(); ++f)
    for (std::int64_t i = 0; i < numbers(fields[f]); ++i) sum += term(values[f][i]);
  return sum;
}

/// Squares of differences of neighbours along each of the grid's dimensions.
double gradient(std::span<const ReductionField> fields, const double* const* values)
{
  double sum = 0;
  for (std::size_t f = 0; f < fields.size(); ++f) {
    const std::int64_t all = numbers(fields[f]);
    std::int64_t step = 1;
    const std::size_t first = fields[f].components ? 1 : 0;
    for (std::size_t d = fields[f].shape.size(); d-- > first;) {
      const std::int64_t extent = fields[f].shape[d];
      for (std::int64_t i = 0; i < all; ++i) {
        if (i / step % extent == extent - 1) continue;
        const double difference = values[f][i + step] - values[f][i];
        sum += difference * difference;
      }
      step *= extent;
    }
  }
  return sum;
}

}  // namespace

std::vector<std::pair<std::string, Quantity>> own_quantities()
{
  return {{"sum",
           [](std::span<const ReductionField> fields, const double* const* values) {
             return sum_of(fields, values, [](double x) { return x; });
           }},
          {"energy",
           [](std::span<const ReductionField> fields, const double* const* values) {
             return sum_of(fields, values, [](double x) { return 0.5 * x * x; });
           }},
          {"gradient", gradient}};
}

}  // namespace cardan::reduction
