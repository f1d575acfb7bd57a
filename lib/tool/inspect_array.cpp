#include "tool/inspect.hpp"

#include "tool/guard.hpp"
#include "tool/slice.hpp"
#include "tool/statistics.hpp"
#include "tool/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace cardan::tool {

namespace {

constexpr std::size_t curve_width = 60;
constexpr std::size_t histogram_width = 40;

/// The name of a dimension, from the array's axes where they are given.
std::string axis_name(const Entry& entry, std::size_t dimension)
{
  const std::string axes = text_of(entry.attribute("axes"));
  std::size_t begin = 0;
  for (std::size_t i = 0; begin < axes.size(); ++i) {
    const std::size_t end = std::min(axes.find(' ', begin), axes.size());
    if (i == dimension) return axes.substr(begin, end - begin);
    begin = end + 1;
  }
  return fmt::format("dimension {}", dimension);
}

std::size_t longest(const Shape& count)
{
  return count.empty() ? 0
                       : static_cast<std::size_t>(std::max_element(count.begin(), count.end()) -
                                                  count.begin());
}

struct Curve {
  std::string line;
  std::string about;
};

Curve curve(const File& file, const Entry& entry, const Block& block)
{
  const std::size_t along = longest(block.count);
  const auto values = profile(file, entry, block, along, curve_width);
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  for (const double value : values)
    if (std::isfinite(value)) {
      low = std::min(low, value);
      high = std::max(high, value);
    }
  if (low > high) low = high = std::numeric_limits<double>::quiet_NaN();
  const bool averaged = extended(block.count).size() > 1;
  return {sparkline(values, low, high),
          fmt::format("{}along {}, {} to {}", averaged ? "mean " : "", axis_name(entry, along),
                      number_text(low), number_text(high))};
}

std::string numbers_of_few(const File& file, const Entry& entry, const Block& block)
{
  std::vector<double> data(static_cast<std::size_t>(product(block.count)));
  file.read(entry, block, Dtype::float64, data.data());
  std::string text;
  for (const double value : data) text += (text.empty() ? "" : ", ") + exact_text(value);
  return text;
}

}  // namespace

void show_sparkline(const File& file, const Entry& entry, const Block& block)
{
  if (product(block.count) == 0) return print("\n");
  const Curve made = curve(file, entry, block);
  print(made.line + "  " + made.about + "\n");
}

void show_array(const File& file, const Entry& entry, const Block& block, Reading reading)
{
  const auto say = [](const std::string& name, const std::string& text) {
    print(fmt::format("{:<10}{}\n", name, text));
  };
  say("array", entry.path);
  say("type", entry.type);
  say("shape", shape_text(entry.shape));
  const bool packed = !entry.filters.empty();
  say("bytes", packed ? fmt::format("{}, of which {} are stored ({})", size_text(entry.bytes),
                                    size_text(entry.stored), fmt::join(entry.filters, ", "))
                      : size_text(entry.bytes));
  if (!entry.chunk.empty()) say("chunks", shape_text(entry.chunk));
  for (const auto& each : entry.attributes) say(each.name, values_text(each.values, each.single));
  if (block.count != entry.shape) say("slice", shape_text(block.count));
  const std::int64_t elements = product(block.count);
  if (reading == Reading::quick || elements == 0) return;
  if (entry.text) {
    if (elements == 1) print("\n" + file.read_texts(entry, block).front() + "\n");
    return;
  }
  if (!entry.dtype) return;
  if (elements <= 8) return say("values", numbers_of_few(file, entry, block));
  Statistics all;
  {
    Progress progress{entry.path, entry.bytes};
    all = statistics(file, entry, block, progress);
  }
  say("min", all.exact_min.empty() ? exact_text(all.min) : all.exact_min);
  say("max", all.exact_max.empty() ? exact_text(all.max) : all.exact_max);
  say("mean", exact_text(all.mean));
  say("NaN", fmt::format("{}", all.nan));
  if (all.infinite > 0) say("infinite", fmt::format("{}", all.infinite));
  if (std::isnan(all.finite_min)) return;
  const Curve made = curve(file, entry, block);
  say("curve", made.line);
  say("", made.about);
  const auto counts =
      histogram(file, entry, block, all.finite_min, all.finite_max, histogram_width);
  const double most = *std::max_element(counts.begin(), counts.end());
  say("histogram", sparkline(counts, 0, most));
  say("", fmt::format("{} to {}; up to {} in one of {} bins", number_text(all.finite_min),
                      number_text(all.finite_max), number_text(most), histogram_width));
}

}  // namespace cardan::tool
