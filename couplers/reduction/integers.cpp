#include "couplers/reduction/integers.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace cardan::reduction {

namespace {

using Word = std::uint64_t;

std::size_t at(std::int64_t i)
{
  return static_cast<std::size_t>(i);
}

/// 0, -1, 1, -2, ... to 0, 1, 2, 3, ... (zigzag, as Protocol Buffers have it).
Word folded(std::int64_t x)
{
  return (static_cast<Word>(x) << 1) ^ static_cast<Word>(x >> 63);
}
std::int64_t unfolded(Word z)
{
  return static_cast<std::int64_t>((z >> 1) ^ (0 - (z & 1)));
}

/// The largest number of so many bits says that the real one is elsewhere; of 64 bits none does.
constexpr Word escape(unsigned width)
{
  return (Word{1} << width) - 1;
}

/// How many numbers have so many bits; those below 16 each by itself.
struct Census {
  static constexpr std::size_t classes = 16 + 60;
  std::array<std::int64_t, classes> many{};

  void add(const Word* numbers, std::size_t count)
  {
    // Four at a time, so that equal neighbours do not wait for each other.
    std::array<std::array<std::uint32_t, classes>, 4> parts{};
    std::size_t i = 0;
    for (; i + 4 <= count; i += 4)
      for (std::size_t lane = 0; lane < 4; ++lane) ++parts[lane][class_of(numbers[i + lane])];
    for (; i < count; ++i) ++parts[0][class_of(numbers[i])];
    for (std::size_t c = 0; c < classes; ++c)
      for (const auto& part : parts) many[c] += part[c];
  }
  static std::size_t class_of(Word z)
  {
    return z < 16 ? static_cast<std::size_t>(z) : static_cast<std::size_t>(std::bit_width(z)) + 11;
  }
  static unsigned bits(std::size_t c)
  {
    return static_cast<unsigned>(c < 16 ? static_cast<std::size_t>(std::bit_width(c)) : c - 11);
  }
  [[nodiscard]] bool all_zero(std::size_t count) const
  {
    return many[0] == static_cast<std::int64_t>(count);
  }
};

/// The cheapest width but 0, which is for zeros only. An entropy coder takes about as many bits for
/// a number as that has, and of the room that is left above it a small part; what escapes takes
/// them twice, and some for its place.
unsigned width_for(const Census& census)
{
  unsigned best = 64;
  double least = -1;
  for (const unsigned width : {2U, 4U, 8U, 16U, 24U, 32U, 40U, 48U, 56U, 64U}) {
    double bits = 0;
    for (std::size_t c = 0; c < Census::classes; ++c) {
      if (census.many[c] == 0) continue;
      const unsigned own = Census::bits(c);
      const bool direct = width < 8 ? c < escape(width) : own <= width;
      // The shortest code has a bit: numbers that share a byte share it.
      const double one = direct ? std::max<double>(own, width < 8 ? width / 8.0 : 1.0) +
                                      (width - std::min(own, width)) / 32.0
                                : width + own + 8.0;
      bits += static_cast<double>(census.many[c]) * one;
    }
    if (least < 0 || bits < least) {
      least = bits;
      best = width;
    }
  }
  return best;
}

std::size_t bytes_for(std::size_t count, unsigned width)
{
  return width < 8 ? (count * width + 7) / 8 : count * (width / 8);
}

template <unsigned width, class Code>
void write_shared(const std::vector<Word>& words, const Code& code, std::uint8_t* out)
{
  constexpr std::size_t each = 8 / width;
  const std::size_t whole = words.size() / each;
  for (std::size_t b = 0; b < whole; ++b) {
    Word byte = 0;
    for (std::size_t k = 0; k < each; ++k) byte |= code(words[b * each + k]) << (k * width);
    out[b] = static_cast<std::uint8_t>(byte);
  }
  Word last = 0;
  for (std::size_t i = whole * each; i < words.size(); ++i)
    last |= code(words[i]) << ((i - whole * each) * width);
  if (whole * each < words.size()) out[whole] = static_cast<std::uint8_t>(last);
}

template <class Code>
void write_at(const std::vector<Word>& words, unsigned width, const Code& code, std::uint8_t* out)
{
  if (width == 2) return write_shared<2>(words, code, out);
  if (width == 4) return write_shared<4>(words, code, out);
  for (unsigned shift = 0; shift < width; shift += 8)
    for (const Word z : words) *out++ = static_cast<std::uint8_t>(code(z) >> shift);
}

}  // namespace

void Integers::write(const std::int64_t* numbers, std::int64_t count, Writer& to)
{
  words_[0].resize(at(count));
  std::transform(numbers, numbers + count, words_[0].begin(), folded);
  write(0, to);
}

// The last level gives everything its 64 bits: there is an end whatever the numbers are.
void Integers::write(int level, Writer& to)
{
  const Words& words = words_[at(level)];
  Census census;
  census.add(words.data(), words.size());
  if (census.all_zero(words.size())) {
    to.put(std::uint8_t{0});
    return;
  }
  const unsigned width = level == levels ? 64 : width_for(census);
  to.put(static_cast<std::uint8_t>(width));
  auto* const out = reinterpret_cast<std::uint8_t*>(to.room(bytes_for(words.size(), width)));
  if (width == 64)
    return write_at(
        words, width, [](Word z) { return z; }, out);
  const Word first_out = escape(width);
  Words& rest = words_[at(level + 1)];
  rest.clear();
  for (const Word z : words)
    if (z >= first_out) rest.push_back(z - first_out);
  if (rest.empty())
    write_at(
        words, width, [](Word z) { return z; }, out);
  else
    write_at(
        words, width, [=](Word z) { return z < first_out ? z : first_out; }, out);
  to.count(static_cast<std::int64_t>(rest.size()));
  if (!rest.empty()) write(level + 1, to);
}

void Integers::read(Reader& from, std::int64_t count, std::int64_t* numbers)
{
  words_[0].resize(at(count));
  read(0, from);
  std::transform(words_[0].begin(), words_[0].end(), numbers, unfolded);
}

void Integers::read(int level, Reader& from)
{
  Words& words = words_[at(level)];
  const unsigned width = from.get<std::uint8_t>();
  if (width == 0) return std::fill(words.begin(), words.end(), Word{0});
  if (width > 64 || (width != 2 && width != 4 && width % 8 != 0))
    Reader::damaged("numbers have a strange width");
  const auto* in =
      reinterpret_cast<const std::uint8_t*>(from.take(bytes_for(words.size(), width)).data());
  if (width < 8) {
    const std::size_t each = 8 / width;
    const Word mask = escape(width);
    for (std::size_t i = 0; i < words.size(); ++i)
      words[i] = Word{in[i / each]} >> (i % each * width) & mask;
  } else {
    for (std::size_t i = 0; i < words.size(); ++i) words[i] = in[i];
    for (unsigned shift = 8; shift < width; shift += 8) {
      in += words.size();
      for (std::size_t i = 0; i < words.size(); ++i) words[i] |= Word{in[i]} << shift;
    }
  }
  if (width == 64) return;
  const auto out = from.count(static_cast<std::int64_t>(words.size()));
  if (out == 0) return;
  if (level == levels) Reader::damaged("numbers escape too often");
  Words& rest = words_[at(level + 1)];
  rest.resize(at(out));
  read(level + 1, from);
  const Word first_out = escape(width);
  std::size_t next = 0;
  for (Word& z : words) {
    if (z != first_out) continue;
    if (next == rest.size()) Reader::damaged("a number has escaped");
    z += rest[next++];
  }
  if (next != rest.size()) Reader::damaged("a number was found that nobody misses");
}

double bits_of(const std::int64_t* numbers, std::int64_t count)
{
  Census census;
  std::array<Word, 256> words;
  for (std::int64_t first = 0; first < count; first += 256) {
    const std::int64_t some = std::min<std::int64_t>(256, count - first);
    std::transform(numbers + first, numbers + first + some, words.begin(), folded);
    census.add(words.data(), at(some));
  }
  double bits = 0;
  for (std::size_t c = 0; c < Census::classes; ++c) {
    if (census.many[c] == 0) continue;
    const auto many = static_cast<double>(census.many[c]);
    bits += many * std::log2(static_cast<double>(count) / many);
    if (c >= 16) bits += many * (Census::bits(c) - 1);
  }
  return bits;
}

}  // namespace cardan::reduction
