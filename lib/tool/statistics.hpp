/// What the numbers of an array are like.
#pragma once

#include "tool/entry.hpp"
#include "tool/progress.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace cardan::tool {

struct Statistics {
  /// Of all that are numbers, infinite ones included; NaN where there are none.
  double min = std::numeric_limits<double>::quiet_NaN();
  double max = std::numeric_limits<double>::quiet_NaN();
  /// Of the finite ones; NaN where there are none.
  double mean = std::numeric_limits<double>::quiet_NaN();
  std::int64_t nan = 0;
  std::int64_t infinite = 0;
  /// Least and largest as they are where the array has integers: a double has 53 bits.
  std::string exact_min;
  std::string exact_max;
  double finite_min = std::numeric_limits<double>::quiet_NaN();
  double finite_max = std::numeric_limits<double>::quiet_NaN();
};

/// Reads a block of an array in pieces.
Statistics statistics(const File& file, const Entry& entry, const Block& block, Progress& progress);
/// The mean of each of `bins` equal parts along the block's dimension `along`, over all others;
/// NaNs are left out.
std::vector<double> profile(const File& file, const Entry& entry, const Block& block,
                            std::size_t along, std::size_t bins);
/// How many numbers lie in each of `bins` equal parts of [low, high].
std::vector<double> histogram(const File& file, const Entry& entry, const Block& block, double low,
                              double high, std::size_t bins);
/// One letter for each value, from the lowest to the highest: blocks where the terminal has UTF-8.
std::string sparkline(const std::vector<double>& values, double low, double high);

/// Calls `visit(data, start, count)` with the numbers of each piece of a block, as `T`; `start` and
/// `count` are positions in the block.
template <class T, class Visit>
void for_each_numbers(const File& file, const Entry& entry, const Block& block, Dtype dtype,
                      bool in_order, Visit&& visit)
{
  std::vector<T> data;
  const bool all = block.count == entry.shape;
  for_each_piece(block.count, all ? entry.chunk : Shape{}, piece_elements, in_order || !all,
                 [&](const Shape& start, const Shape& count) {
                   data.resize(static_cast<std::size_t>(product(count)));
                   Block piece{start, count, block.step};
                   for (std::size_t i = 0; i < start.size(); ++i)
                     piece.start[i] = block.start[i] + start[i] * block.step[i];
                   file.read(entry, piece, dtype, data.data());
                   visit(data, start, count);
                 });
}

}  // namespace cardan::tool
