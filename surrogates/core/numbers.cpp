#include "core/numbers.hpp"

#include "support/typed.hpp"

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <vector>

namespace cardan::torch_module {

namespace {
std::size_t index(std::int64_t i)
{
  return static_cast<std::size_t>(i);
}
}  // namespace

void read_row(const Features& features, const Batch& batch, std::int64_t row, double* numbers)
{
  for (std::size_t f = 0; f < features.size(); ++f)
    with_type(features[f].dtype, [&](auto* type) {
      const std::int64_t count = features[f].numbers();
      const auto* from =
          reinterpret_cast<const typed<decltype(type)>*>(batch.columns[f]) + row * count;
      for (std::int64_t i = 0; i < count; ++i) *numbers++ = static_cast<double>(from[i]);
    });
}

namespace {

/// What numbers are scaled in: float numbers on their way to float ones lose nothing in float.
template <class From, class To>
using Arithmetic =
    std::conditional_t<std::is_same_v<From, float> && std::is_same_v<To, float>, float, double>;

template <class T>
std::vector<T> converted(const std::vector<double>& numbers)
{
  std::vector<T> result(numbers.size());
  std::transform(numbers.begin(), numbers.end(), result.begin(),
                 [](double number) { return static_cast<T>(number); });
  return result;
}

/// Mean and factor of each group in the arithmetic of what is scaled.
template <class T>
struct Factors {
  std::vector<T> mean;
  std::vector<T> factor;
};

/// Calls `single(count, means, factors)` for a row in which each number has a scale of its own,
/// else `run(first, count, mean, factor)` for each group: loops over neighbours, which compilers
/// make wide.
template <class T, class Single, class Run>
void for_each_run(const Factors<T>& factors, std::int64_t group, std::int64_t block,
                  std::int64_t count, Single&& single, Run&& run)
{
  const T* mean = factors.mean.data() + group;
  const T* factor = factors.factor.data() + group;
  if (block == 1) return single(count, mean, factor);
  for (std::int64_t g = 0; g < count / block; ++g) run(g * block, block, mean[g], factor[g]);
}

template <class W, class To, class From>
void normalise_row(const From* __restrict from, const From* __restrict minus, std::int64_t group,
                   std::int64_t block, std::int64_t count, const Factors<W>& factors,
                   To* __restrict to)
{
  const auto number = [&](std::int64_t i) {
    return minus == nullptr ? static_cast<W>(from[i])
                            : static_cast<W>(from[i]) - static_cast<W>(minus[i]);
  };
  for_each_run(
      factors, group, block, count,
      [&](std::int64_t width, const W* mean, const W* factor) {
        for (std::int64_t i = 0; i < width; ++i)
          to[i] = static_cast<To>((number(i) - mean[i]) * factor[i]);
      },
      [&](std::int64_t first, std::int64_t width, W mean, W factor) {
        for (std::int64_t i = first; i < first + width; ++i)
          to[i] = static_cast<To>((number(i) - mean) * factor);
      });
}

}  // namespace

template <class T>
void normalise(const Grouped& grouped, const Batch& batch, const Batch* minus, const Scale& scale,
               T* numbers)
{
  std::vector<double> inverse(scale.deviation.size());
  std::transform(scale.deviation.begin(), scale.deviation.end(), inverse.begin(),
                 [](double deviation) { return 1 / deviation; });
  const std::int64_t width = grouped.numbers();
  std::int64_t offset = 0;
  for (std::size_t f = 0; f < grouped.features.size(); ++f) {
    const std::int64_t count = grouped.features[f].numbers();
    with_type(grouped.features[f].dtype, [&](auto* type) {
      using From = typed<decltype(type)>;
      using W = Arithmetic<From, T>;
      const Factors<W> factors{converted<W>(scale.mean), converted<W>(inverse)};
      const auto* from = reinterpret_cast<const From*>(batch.columns[f]);
      const auto* less = minus ? reinterpret_cast<const From*>(minus->columns[f]) : nullptr;
      for (std::int64_t r = 0; r < batch.count; ++r)
        normalise_row(from + r * count, less ? less + r * count : nullptr, offset / grouped.block,
                      grouped.block, count, factors, numbers + r * width + offset);
    });
    offset += count;
  }
}

template void normalise(const Grouped&, const Batch&, const Batch*, const Scale&, float*);
template void normalise(const Grouped&, const Batch&, const Batch*, const Scale&, double*);

namespace {

/// A single network without variance and addition: nothing to be averaged.
template <class W, class T, class To>
void scale_back(const T* __restrict values, std::int64_t group, std::int64_t block,
                std::int64_t count, const Factors<W>& factors, To* __restrict to)
{
  for_each_run(
      factors, group, block, count,
      [&](std::int64_t width, const W* mean, const W* deviation) {
        for (std::int64_t i = 0; i < width; ++i)
          to[i] = static_cast<To>(mean[i] + deviation[i] * static_cast<W>(values[i]));
      },
      [&](std::int64_t first, std::int64_t width, W mean, W deviation) {
        for (std::int64_t i = first; i < first + width; ++i)
          to[i] = static_cast<To>(mean + deviation * static_cast<W>(values[i]));
      });
}

/// One sample's mean and spread over the members, for numbers [first, first + count): all of them
/// side by side in each loop, which compilers make wide.
template <class T>
void average_some(const T* values, std::int64_t stride, std::int64_t members,
                  const Denormalise& way, std::int64_t first, std::int64_t count,
                  double* __restrict answer, double* __restrict spread)
{
  const std::int64_t block = way.grouped.block;
  const bool gaussian = way.head == Head::gaussian;
  const double share = 1 / static_cast<double>(members);
  const double* mean = way.scale.mean.data();
  const double* deviation = way.scale.deviation.data();
  std::fill_n(answer, count, 0.0);
  for (std::int64_t m = 0; m < members; ++m)
    for (std::int64_t j = 0; j < count; ++j)
      answer[j] += share * static_cast<double>(values[m * stride + j]);
  if (spread != nullptr) {
    const double weight = gaussian ? share : 1 / std::max(1.0, static_cast<double>(members - 1));
    std::fill_n(spread, count, 0.0);
    for (std::int64_t m = 0; m < members; ++m)
      for (std::int64_t j = 0; j < count; ++j) {
        const double off = static_cast<double>(values[m * stride + j]) - answer[j];
        spread[j] += weight * off * off;
      }
    for (std::int64_t m = 0; gaussian && m < members; ++m)
      for (std::int64_t j = 0; j < count; ++j)
        spread[j] +=
            share * std::exp(static_cast<double>(values[m * stride + way.grouped.numbers() + j]));
    for (std::int64_t j = 0; j < count; ++j) spread[j] = std::sqrt(spread[j]);
  }
  for (std::int64_t j = 0; j < count; ++j) {
    const std::int64_t group = block == 1 ? first + j : (first + j) / block;
    answer[j] = mean[group] + deviation[group] * answer[j];
    if (spread != nullptr) spread[j] *= deviation[group];
  }
}

/// The same for all numbers, in pieces that stay in a core's first cache.
template <class T>
void average(const T* values, std::int64_t stride, std::int64_t members, const Denormalise& way,
             double* answer, double* spread)
{
  constexpr std::int64_t piece = 256;
  for (std::int64_t j = 0; j < way.grouped.numbers(); j += piece)
    average_some(values + j, stride, members, way, j, std::min(piece, way.grouped.numbers() - j),
                 answer + j, spread != nullptr ? spread + j : nullptr);
}

}  // namespace

template <class T>
void denormalise(const Denormalise& way, const T* values, std::int64_t members, std::int64_t first,
                 std::int64_t count, const Answers& answers)
{
  const Features& features = way.grouped.features;
  const std::int64_t numbers = way.grouped.numbers();
  if (members == 1 && way.head == Head::plain) {
    std::int64_t offset = 0;
    for (std::size_t f = 0; f < features.size(); ++f) {
      const std::int64_t width = features[f].numbers();
      const std::int64_t group = offset / way.grouped.block;
      with_type(features[f].dtype, [&](auto* type) {
        using To = typed<decltype(type)>;
        using W = Arithmetic<T, To>;
        const Factors<W> factors{converted<W>(way.scale.mean), converted<W>(way.scale.deviation)};
        auto* to = reinterpret_cast<To*>(answers.columns[f]) + first * width;
        for (std::int64_t r = 0; r < count; ++r)
          scale_back(values + r * numbers + offset, group, way.grouped.block, width, factors,
                     to + r * width);
      });
      offset += width;
    }
    if (answers.spread != nullptr)
      std::fill_n(answers.spread + first * numbers, count * numbers, 0.0);
    return;
  }

  const bool adds = way.head == Head::increment || way.head == Head::conserving;
  const auto& deviations = way.scale.deviation;
  const auto largest =
      index(std::max_element(deviations.begin(), deviations.end()) - deviations.begin());
  const std::int64_t row = numbers * (way.head == Head::gaussian ? 2 : 1);
  std::vector<double> answer(index(numbers));
  std::vector<double> input(index(adds ? numbers : 0));
  for (std::int64_t r = 0; r < count; ++r) {
    average(values + r * row, count * row, members, way, answer.data(),
            answers.spread != nullptr ? answers.spread + (first + r) * numbers : nullptr);
    if (way.head == Head::conserving) {
      double excess = 0;
      for (const double number : answer) excess += number;
      answer[largest] -= excess;
    }
    if (adds) {
      read_row(way.input_features, way.inputs, first + r, input.data());
      for (std::size_t j = 0; j < answer.size(); ++j) answer[j] += input[j];
    }
    std::size_t j = 0;
    for (std::size_t f = 0; f < features.size(); ++f)
      with_type(features[f].dtype, [&](auto* type) {
        using To = typed<decltype(type)>;
        const std::int64_t width = features[f].numbers();
        auto* to = reinterpret_cast<To*>(answers.columns[f]) + (first + r) * width;
        for (std::int64_t i = 0; i < width; ++i) to[i] = static_cast<To>(answer[j++]);
      });
  }
}

template void denormalise(const Denormalise&, const float*, std::int64_t, std::int64_t,
                          std::int64_t, const Answers&);
template void denormalise(const Denormalise&, const double*, std::int64_t, std::int64_t,
                          std::int64_t, const Answers&);

}  // namespace cardan::torch_module
