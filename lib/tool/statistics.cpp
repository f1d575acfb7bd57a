#include "tool/statistics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <type_traits>

namespace cardan::tool {

namespace {

template <class T>
class Summary {
 public:
  void add(const std::vector<T>& data)
  {
    // Sums of short parts, so that rounding does not grow with the array.
    constexpr std::size_t part = 512;
    for (std::size_t begin = 0; begin < data.size(); begin += part)
      add(data.data() + begin, std::min(part, data.size() - begin));
  }

  [[nodiscard]] Statistics result() const
  {
    Statistics result;
    result.nan = nan_;
    result.infinite = infinite_;
    if (finite_ > 0) {
      result.mean = static_cast<double>(sum_ / static_cast<long double>(finite_));
      result.finite_min = static_cast<double>(low_);
      result.finite_max = static_cast<double>(high_);
      result.min = result.finite_min;
      result.max = result.finite_max;
      if constexpr (std::is_integral_v<T>) {
        result.exact_min = fmt::format("{}", low_);
        result.exact_max = fmt::format("{}", high_);
      }
    }
    const double infinity = std::numeric_limits<double>::infinity();
    if (lowest_) result.min = -infinity;
    if (highest_) result.max = infinity;
    if (finite_ == 0 && infinite_ > 0) {
      result.min = lowest_ ? -infinity : infinity;
      result.max = highest_ ? infinity : -infinity;
    }
    return result;
  }

 private:
  void add(const T* data, std::size_t count)
  {
    // Integers are finite; floating-point numbers mostly: then what follows is the whole work.
    Part sum = 0;
    T low = data[0];
    T high = data[0];
    for (std::size_t i = 0; i < count; ++i) {
      sum += static_cast<Part>(data[i]);
      low = std::min(low, data[i]);
      high = std::max(high, data[i]);
    }
    if constexpr (std::is_floating_point_v<T>) {
      if (!std::isfinite(sum)) return add_each(data, count);
    }
    include(low, high);
    sum_ += static_cast<long double>(sum);
    finite_ += static_cast<std::int64_t>(count);
  }

  void add_each(const T* data, std::size_t count)
  {
    for (std::size_t i = 0; i < count; ++i) {
      const auto number = static_cast<double>(data[i]);
      if (std::isnan(number)) {
        ++nan_;
      } else if (std::isinf(number)) {
        ++infinite_;
        (number < 0 ? lowest_ : highest_) = true;
      } else {
        include(data[i], data[i]);
        sum_ += static_cast<long double>(number);
        ++finite_;
      }
    }
  }

  void include(T low, T high)
  {
    low_ = finite_ == 0 ? low : std::min(low_, low);
    high_ = finite_ == 0 ? high : std::max(high_, high);
  }

  /// A double has 53 bits.
  using Part = std::conditional_t<std::is_integral_v<T> && sizeof(T) == 8, long double, double>;
  long double sum_ = 0;
  std::int64_t finite_ = 0;
  std::int64_t nan_ = 0;
  std::int64_t infinite_ = 0;
  bool lowest_ = false;
  bool highest_ = false;
  T low_{};
  T high_{};
};

bool has_utf8()
{
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    return strcasestr(value, "utf-8") != nullptr || strcasestr(value, "utf8") != nullptr;
  }
  return false;
}

}  // namespace

Statistics statistics(const File& file, const Entry& entry, const Block& block, Progress& progress)
{
  return with_type(*entry.dtype, [&](auto type) {
    using T = decltype(type);
    Summary<T> summary;
    for_each_numbers<T>(file, entry, block, *entry.dtype, false,
                        [&](const std::vector<T>& data, const Shape&, const Shape&) {
                          summary.add(data);
                          progress.add(static_cast<std::int64_t>(data.size() * sizeof(T)));
                        });
    return summary.result();
  });
}

std::vector<double> profile(const File& file, const Entry& entry, const Block& block,
                            std::size_t along, std::size_t bins)
{
  const Shape& shape = block.count;
  const std::int64_t length = shape.empty() ? 1 : shape[along];
  bins = std::min(bins, static_cast<std::size_t>(length));
  std::vector<double> sums(bins, 0);
  std::vector<double> counts(bins, 0);
  std::int64_t inner = 1;
  for (std::size_t i = along + 1; i < shape.size(); ++i) inner *= shape[i];
  Progress progress{entry.path, product(shape) * 8};
  const auto bin_of = [&](std::int64_t position) {
    const std::int64_t index = position / inner % length;
    return static_cast<std::size_t>(static_cast<double>(index) * static_cast<double>(bins) /
                                    static_cast<double>(length));
  };
  for_each_numbers<double>(
      file, entry, block, Dtype::float64, false,
      [&](const std::vector<double>& data, const Shape& start, const Shape& count) {
        for_each_row(shape, start, count,
                     [&](std::int64_t position, std::int64_t in_block, std::int64_t row) {
                       for (std::int64_t i = 0; i < row; ++i) {
                         const double value = data[static_cast<std::size_t>(in_block + i)];
                         if (!std::isfinite(value)) continue;
                         const std::size_t bin = bin_of(position + i);
                         sums[bin] += value;
                         ++counts[bin];
                       }
                     });
        progress.add(static_cast<std::int64_t>(data.size()) * 8);
      });
  for (std::size_t i = 0; i < bins; ++i) sums[i] /= counts[i];
  return sums;
}

std::vector<double> histogram(const File& file, const Entry& entry, const Block& block, double low,
                              double high, std::size_t bins)
{
  std::vector<double> counts(bins, 0);
  const double scale = high > low ? static_cast<double>(bins) / (high - low) : 0;
  Progress progress{entry.path, product(block.count) * 8};
  for_each_numbers<double>(
      file, entry, block, Dtype::float64, false,
      [&](const std::vector<double>& data, const Shape&, const Shape&) {
        for (const double value : data)
          if (value >= low && value <= high)
            ++counts[std::min(bins - 1, static_cast<std::size_t>((value - low) * scale))];
        progress.add(static_cast<std::int64_t>(data.size()) * 8);
      });
  return counts;
}

std::string sparkline(const std::vector<double>& values, double low, double high)
{
  static constexpr std::array blocks{"\u2581", "\u2582", "\u2583", "\u2584",
                                     "\u2585", "\u2586", "\u2587", "\u2588"};
  static constexpr std::array plain{"_", ".", ",", "-", "=", "+", "*", "#"};
  const auto& letters = has_utf8() ? blocks : plain;
  std::string line;
  for (const double value : values) {
    if (std::isnan(value)) {
      line += '?';
      continue;
    }
    const double height = high > low ? (value - low) / (high - low) : 0;
    line += letters[static_cast<std::size_t>(std::clamp(height * 8, 0.0, 7.0))];
  }
  return line;
}

}  // namespace cardan::tool
