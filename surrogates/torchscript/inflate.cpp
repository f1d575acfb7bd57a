// Deflate's inverse (RFC 1951), bit by bit: what is packed in a model's file is its short program.

#include "torchscript/zip.hpp"

#include <array>
#include <stdexcept>

namespace cardan::torch_module {

namespace {

using Bytes = std::vector<std::uint8_t>;

[[noreturn]] void broken()
{
  throw std::runtime_error{"its compressed data are broken"};
}

class Bits {
 public:
  explicit Bits(const Bytes& from) : from_(from) {}
  unsigned take(unsigned count)
  {
    unsigned value = 0;
    for (unsigned i = 0; i < count; ++i) {
      if (at_ == 8 * from_.size()) broken();
      value |= static_cast<unsigned>(from_[at_ / 8] >> (at_ % 8) & 1) << i;
      ++at_;
    }
    return value;
  }
  void to_byte() { at_ = (at_ + 7) / 8 * 8; }

 private:
  const Bytes& from_;
  std::size_t at_ = 0;
};

/// A canonical Huffman code (RFC 1951, 3.2.2): symbols in the order of their codes.
class Code {
 public:
  explicit Code(const std::vector<unsigned>& lengths)
  {
    for (const auto length : lengths) ++count_[length];
    count_[0] = 0;
    std::array<std::size_t, 16> place{};
    int left = 1;
    for (std::size_t length = 1; length < 16; ++length) {
      left = 2 * left - static_cast<int>(count_[length]);
      if (left < 0) broken();
      if (length < 15) place[length + 1] = place[length] + count_[length];
    }
    symbols_.resize(lengths.size());
    for (unsigned s = 0; s < lengths.size(); ++s)
      if (lengths[s] != 0) symbols_[place[lengths[s]]++] = s;
  }
  [[nodiscard]] unsigned next(Bits& bits) const
  {
    unsigned code = 0;
    unsigned first = 0;
    std::size_t index = 0;
    for (std::size_t length = 1; length < 16; ++length) {
      code |= bits.take(1);
      if (code < first + count_[length]) return symbols_[index + code - first];
      index += count_[length];
      first = (first + count_[length]) << 1;
      code <<= 1;
    }
    broken();
  }

 private:
  std::array<unsigned, 16> count_{};
  std::vector<unsigned> symbols_;
};

struct Codes {
  Code literals;
  Code distances;
};

Codes fixed_codes()
{
  std::vector<unsigned> lengths(288, 8);
  for (std::size_t s = 144; s < 256; ++s) lengths[s] = 9;
  for (std::size_t s = 256; s < 280; ++s) lengths[s] = 7;
  return {Code{lengths}, Code{std::vector<unsigned>(30, 5)}};
}

Codes read_codes(Bits& bits)
{
  constexpr std::array<std::size_t, 19> order{16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                              11, 4,  12, 3, 13, 2, 14, 1, 15};
  const std::size_t literals = bits.take(5) + 257;
  const std::size_t distances = bits.take(5) + 1;
  const std::size_t count = bits.take(4) + 4;
  if (literals > 286 || distances > 30) broken();
  std::vector<unsigned> lengths(19, 0);
  for (std::size_t i = 0; i < count; ++i) lengths[order[i]] = bits.take(3);
  const Code code{lengths};
  std::vector<unsigned> all;
  while (all.size() < literals + distances) {
    const unsigned symbol = code.next(bits);
    if (symbol < 16) {
      all.push_back(symbol);
      continue;
    }
    if (symbol == 16 && all.empty()) broken();
    const unsigned value = symbol == 16 ? all.back() : 0;
    const unsigned times = symbol == 16   ? 3 + bits.take(2)
                           : symbol == 17 ? 3 + bits.take(3)
                                          : 11 + bits.take(7);
    all.insert(all.end(), times, value);
  }
  if (all.size() > literals + distances) broken();
  const auto middle = all.begin() + static_cast<std::ptrdiff_t>(literals);
  return {Code{{all.begin(), middle}}, Code{{middle, all.end()}}};
}

void unpack(Bits& bits, const Codes& codes, Bytes& out, std::size_t limit)
{
  constexpr std::array<unsigned, 29> base{3,  4,  5,  6,   7,   8,   9,   10,  11, 13,
                                          15, 17, 19, 23,  27,  31,  35,  43,  51, 59,
                                          67, 83, 99, 115, 131, 163, 195, 227, 258};
  constexpr std::array<unsigned, 29> more{0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                          2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
  constexpr std::array<unsigned, 30> far{
      1,   2,   3,   4,   5,   7,    9,    13,   17,   25,   33,   49,   65,    97,    129,
      193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};
  for (unsigned symbol = codes.literals.next(bits); symbol != 256;
       symbol = codes.literals.next(bits)) {
    if (symbol < 256) {
      out.push_back(static_cast<std::uint8_t>(symbol));
    } else {
      if (symbol > 285) broken();
      const std::size_t length = base[symbol - 257] + bits.take(more[symbol - 257]);
      const unsigned d = codes.distances.next(bits);
      if (d > 29) broken();
      const std::size_t distance = far[d] + bits.take(d < 4 ? 0 : d / 2 - 1);
      if (distance > out.size()) broken();
      for (std::size_t i = 0; i < length; ++i) out.push_back(out[out.size() - distance]);
    }
    if (out.size() > limit) broken();
  }
}

}  // namespace

std::vector<std::uint8_t> inflate(const std::vector<std::uint8_t>& from, std::size_t bytes)
{
  Bits bits{from};
  Bytes out;
  for (bool last = false; !last;) {
    last = bits.take(1) != 0;
    switch (bits.take(2)) {
      case 0: {
        bits.to_byte();
        const unsigned length = bits.take(16);
        if ((bits.take(16) ^ 0xffffU) != length) broken();
        for (unsigned i = 0; i < length; ++i)
          out.push_back(static_cast<std::uint8_t>(bits.take(8)));
        break;
      }
      case 1: unpack(bits, fixed_codes(), out, bytes); break;
      case 2: unpack(bits, read_codes(bits), out, bytes); break;
      default: broken();
    }
    if (out.size() > bytes) broken();
  }
  if (out.size() != bytes) broken();
  return out;
}

}  // namespace cardan::torch_module
