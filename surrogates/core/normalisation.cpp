#include "core/normalisation.hpp"

#include "core/numbers.hpp"

#include <algorithm>
#include <cmath>

namespace cardan::torch_module {

namespace {
std::size_t index(std::int64_t i)
{
  return static_cast<std::size_t>(i);
}

bool increments(Head head)
{
  return head == Head::increment || head == Head::conserving;
}

/// From count, sums and sums of squares. Rounding leaves a variance of about 1e-16 of the mean
/// square on a constant group: what is below that is no information.
Scale scale_of(const double* sums, const double* squares, std::int64_t groups, double count)
{
  Scale scale;
  for (std::int64_t i = 0; i < groups; ++i) {
    const double mean = count > 0 ? sums[i] / count : 0;
    const double square = count > 0 ? squares[i] / count : 0;
    const double variance = square - mean * mean;
    scale.mean.push_back(mean);
    scale.deviation.push_back(variance > 1e-14 * square ? std::sqrt(variance) : 1.0);
  }
  return scale;
}

/// An input that never changes may say something beside others that do not either: the points at
/// which an operator is asked, say. It stays as it is, if it is of a size that networks can read.
void keep_small_constants(Scale& scale, const double* sums, const double* squares, double count)
{
  constexpr double readable = 10;
  for (std::size_t i = 0; i < scale.mean.size(); ++i) {
    const double mean = count > 0 ? sums[i] / count : 0;
    const double square = count > 0 ? squares[i] / count : 0;
    if (square - mean * mean <= 1e-14 * square && std::abs(mean) <= readable) scale.mean[i] = 0;
  }
}
}  // namespace

Scale Scale::unit(std::int64_t groups)
{
  return {std::vector<double>(index(groups), 0.0), std::vector<double>(index(groups), 1.0)};
}

bool Scale::far_from(const Scale& other, double share) const
{
  for (std::size_t i = 0; i < mean.size(); ++i) {
    if (std::abs(mean[i] - other.mean[i]) > share * std::min(deviation[i], other.deviation[i]))
      return true;
    if (std::abs(std::log(deviation[i] / other.deviation[i])) > share) return true;
  }
  return false;
}

void Normalisation::write(double* to) const
{
  for (const auto* list : {&input.mean, &input.deviation, &output.mean, &output.deviation})
    to = std::copy(list->begin(), list->end(), to);
}

void Normalisation::read(const double* from)
{
  for (auto* list : {&input.mean, &input.deviation, &output.mean, &output.deviation}) {
    std::copy_n(from, list->size(), list->begin());
    from += list->size();
  }
}

Statistics::Statistics(const Grouped& inputs, const Grouped& outputs, Head head)
    : inputs_(inputs),
      outputs_(outputs),
      head_(head),
      row_in_(index(inputs.numbers())),
      row_out_(index(outputs.numbers()))
{
  tally_.sums.assign(index(1 + 2 * inputs.groups() + 2 * outputs.groups()), 0);
}

void Statistics::see(const Batch& inputs, const Batch& targets)
{
  const auto add = [](const Grouped& grouped, const std::vector<double>& row, double* sums) {
    const std::int64_t groups = grouped.groups();
    const double share = 1 / static_cast<double>(grouped.block);
    for (std::int64_t g = 0; g < groups; ++g) {
      double sum = 0;
      double square = 0;
      for (std::int64_t i = g * grouped.block; i < (g + 1) * grouped.block; ++i) {
        sum += row[index(i)];
        square += row[index(i)] * row[index(i)];
      }
      sums[g] += share * sum;
      sums[groups + g] += share * square;
    }
  };
  double* sums = tally_.sums.data();
  for (std::int64_t r = 0; r < inputs.count; ++r) {
    read_row(inputs_.features, inputs, r, row_in_.data());
    read_row(outputs_.features, targets, r, row_out_.data());
    if (increments(head_))
      for (std::size_t i = 0; i < row_out_.size(); ++i) row_out_[i] -= row_in_[i];
    sums[0] += 1;
    add(inputs_, row_in_, sums + 1);
    add(outputs_, row_out_, sums + 1 + 2 * inputs_.groups());
  }
}

Normalisation Statistics::normalisation(const Tally& joined) const
{
  const double count = joined.sums[0];
  const double* in = joined.sums.data() + 1;
  const double* out = in + 2 * inputs_.groups();
  Normalisation normalisation{inputs_.groups(), outputs_.groups()};
  normalisation.input = scale_of(in, in + inputs_.groups(), inputs_.groups(), count);
  keep_small_constants(normalisation.input, in, in + inputs_.groups(), count);
  normalisation.output = scale_of(out, out + outputs_.groups(), outputs_.groups(), count);
  return normalisation;
}

}  // namespace cardan::torch_module
