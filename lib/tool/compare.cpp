#include "tool/diff.hpp"

#include "tool/table.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

namespace cardan::tool {

namespace {

template <class T>
constexpr bool is_nan(T value)
{
  if constexpr (std::is_floating_point_v<T>) return std::isnan(value);
  return false;
}

/// How far two numbers are apart. Integers exactly, for a double has 53 bits: `T` is long double
/// where the arrays have different kinds of numbers.
template <class T>
double distance(T a, T b)
{
  if constexpr (std::is_integral_v<T>)
    return static_cast<double>(a > b
                                   ? static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b)
                                   : static_cast<std::uint64_t>(b) - static_cast<std::uint64_t>(a));
  else
    return std::abs(static_cast<double>(a) - static_cast<double>(b));
}

void note(Difference& difference, std::int64_t position, double absolute, double relative)
{
  ++difference.count;
  difference.absolute = std::max(difference.absolute, absolute);
  difference.relative = std::max(difference.relative, relative);
  if (difference.first < 0 || position < difference.first) difference.first = position;
}

template <class T>
void compare_numbers(Difference& difference, T a, T b, std::int64_t position,
                     const Tolerance& tolerance)
{
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (a == b || (is_nan(a) && is_nan(b))) return;
  if (is_nan(a) || is_nan(b)) return note(difference, position, infinity, infinity);
  const double absolute = distance(a, b);
  const double size = std::abs(static_cast<double>(b));
  if (std::isfinite(absolute) && absolute <= tolerance.absolute + tolerance.relative * size) return;
  note(difference, position, absolute, size > 0 ? absolute / size : infinity);
}

struct Pair {
  const File& a;
  const Entry& in_a;
  const File& b;
  const Entry& in_b;
};

/// Calls `each` for the positions of a piece, in the array and in the piece.
template <class Read, class Each>
void in_pieces(const Pair& pair, std::int64_t most, Progress& progress, Read&& read, Each&& each)
{
  const Shape& shape = pair.in_a.shape;
  for_each_piece(shape, pair.in_a.chunk, most, false, [&](const Shape& start, const Shape& count) {
    read(Block{start, count, Shape(start.size(), 1)});
    for_each_row(shape, start, count,
                 [&](std::int64_t position, std::int64_t in_block, std::int64_t length) {
                   for (std::int64_t i = 0; i < length; ++i)
                     each(position + i, static_cast<std::size_t>(in_block + i));
                 });
    progress.add(product(count) * (pair.in_a.element + pair.in_b.element));
  });
}

template <class T>
Difference compare_as(const Pair& pair, Dtype dtype, const Tolerance& tolerance, Progress& progress)
{
  Difference difference;
  std::vector<T> a;
  std::vector<T> b;
  in_pieces(
      pair, piece_elements, progress,
      [&](const Block& block) {
        a.resize(static_cast<std::size_t>(product(block.count)));
        b.resize(a.size());
        pair.a.read(pair.in_a, block, dtype, a.data());
        pair.b.read(pair.in_b, block, dtype, b.data());
      },
      [&](std::int64_t position, std::size_t i) {
        compare_numbers(difference, a[i], b[i], position, tolerance);
      });
  return difference;
}

Difference compare_texts(const Pair& pair, Progress& progress)
{
  Difference difference;
  std::vector<std::string> a;
  std::vector<std::string> b;
  in_pieces(
      pair, 1 << 14, progress,
      [&](const Block& block) {
        a = pair.a.read_texts(pair.in_a, block);
        b = pair.b.read_texts(pair.in_b, block);
      },
      [&](std::int64_t position, std::size_t i) {
        if (a[i] != b[i]) note(difference, position, 0, 0);
      });
  return difference;
}

Difference compare_bytes(const Pair& pair, Progress& progress)
{
  Difference difference;
  difference.compared = pair.in_a.type == pair.in_b.type &&
                        pair.in_a.element == pair.in_b.element && pair.a.fixed(pair.in_a) &&
                        pair.b.fixed(pair.in_b);
  if (!difference.compared) return difference;
  const auto size = static_cast<std::size_t>(pair.in_a.element);
  std::vector<std::byte> a;
  std::vector<std::byte> b;
  in_pieces(
      pair, std::max<std::int64_t>(1, 8 * piece_elements / pair.in_a.element), progress,
      [&](const Block& block) {
        a.resize(static_cast<std::size_t>(product(block.count)) * size);
        b.resize(a.size());
        pair.a.read_bytes(pair.in_a, block, a.data());
        pair.b.read_bytes(pair.in_b, block, b.data());
      },
      [&](std::int64_t position, std::size_t i) {
        if (std::memcmp(&a[i * size], &b[i * size], size) != 0) note(difference, position, 0, 0);
      });
  return difference;
}

bool is_float(Dtype dtype)
{
  return dtype == Dtype::float32 || dtype == Dtype::float64;
}

bool has_sign(Dtype dtype)
{
  return with_type(dtype, [](auto value) { return std::is_signed_v<decltype(value)>; });
}

}  // namespace

Difference compare(const File& a, const Entry& in_a, const File& b, const Entry& in_b,
                   const Tolerance& tolerance, Progress& progress)
{
  const Pair pair{a, in_a, b, in_b};
  if (in_a.text && in_b.text) return compare_texts(pair, progress);
  if (!in_a.dtype || !in_b.dtype) return compare_bytes(pair, progress);
  const Dtype first = *in_a.dtype;
  const Dtype second = *in_b.dtype;
  if (first == Dtype::float32 && second == Dtype::float32)
    return compare_as<float>(pair, first, tolerance, progress);
  if (is_float(first) || is_float(second))
    return compare_as<double>(pair, Dtype::float64, tolerance, progress);
  if (has_sign(first) || has_sign(second))
    return compare_as<std::int64_t>(pair, Dtype::int64, tolerance, progress);
  return compare_as<std::uint64_t>(pair, Dtype::uint64, tolerance, progress);
}

std::string compare(const Attribute& a, const Attribute& b, const Tolerance& tolerance)
{
  std::string both = values_text(a.values, a.single) + " | " + values_text(b.values, b.single);
  if (a.values.index() != b.values.index() &&
      (std::holds_alternative<std::vector<std::string>>(a.values) ||
       std::holds_alternative<std::vector<std::string>>(b.values)))
    return both;
  if (std::holds_alternative<std::vector<std::string>>(a.values))
    return a.values == b.values ? "" : both;
  const auto first = numbers_of(&a);
  const auto second = numbers_of(&b);
  if (first.size() != second.size()) return both;
  Difference difference;
  for (std::size_t i = 0; i < first.size(); ++i)
    compare_numbers(difference, first[i], second[i], static_cast<std::int64_t>(i), tolerance);
  // What a double cannot tell apart.
  if (difference.count == 0 && tolerance.relative == 0 && tolerance.absolute == 0 &&
      std::holds_alternative<std::vector<std::int64_t>>(a.values) &&
      std::holds_alternative<std::vector<std::int64_t>>(b.values) && a.values != b.values)
    return both;
  return difference.count == 0 ? "" : both;
}

}  // namespace cardan::tool
