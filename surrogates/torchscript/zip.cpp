// Archives as in PKWARE's APPNOTE 6.3.9, with its 64-bit extension, which LibTorch always writes.

#include "torchscript/zip.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace cardan::torch_module {

namespace {

using Bytes = std::vector<std::uint8_t>;

[[noreturn]] void wrong(const std::string& what)
{
  throw std::runtime_error{what};
}

/// A little-endian number.
std::uint64_t number(const Bytes& from, std::size_t at, std::size_t width)
{
  if (at > from.size() || width > from.size() - at) wrong("its directory is cut off");
  std::uint64_t value = 0;
  for (std::size_t i = width; i-- > 0;) value = value << 8 | from[at + i];
  return value;
}

class Crc {
 public:
  void add(const std::uint8_t* data, std::size_t bytes)
  {
    for (; bytes >= 4; bytes -= 4, data += 4) {
      for (unsigned i = 0; i < 4; ++i) value_ ^= static_cast<std::uint32_t>(data[i]) << 8 * i;
      value_ = table()[3][value_ & 255] ^ table()[2][value_ >> 8 & 255] ^
               table()[1][value_ >> 16 & 255] ^ table()[0][value_ >> 24];
    }
    for (; bytes > 0; --bytes, ++data) value_ = value_ >> 8 ^ table()[0][(value_ ^ *data) & 255];
  }
  [[nodiscard]] std::uint32_t sum() const { return ~value_; }

 private:
  using Table = std::array<std::array<std::uint32_t, 256>, 4>;
  static const Table& table()
  {
    static const Table all = [] {
      Table made{};
      for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit) value = (value & 1 ? 0xedb88320U : 0U) ^ value >> 1;
        made[0][i] = value;
      }
      for (std::size_t i = 0; i < 256; ++i)
        for (std::size_t t = 1; t < 4; ++t)
          made[t][i] = made[t - 1][i] >> 8 ^ made[0][made[t - 1][i] & 255];
      return made;
    }();
    return all;
  }
  std::uint32_t value_ = 0xffffffffU;
};

struct Entry {
  std::string name;
  std::uint64_t flags, method, sum, packed, bytes, offset;
};

class Archive {
 public:
  explicit Archive(const std::string& path) : file_(path, std::ios::binary)
  {
    file_.seekg(0, std::ios::end);
    size_ = static_cast<std::uint64_t>(std::max<std::streamoff>(0, file_.tellg()));
  }
  std::vector<Entry> directory();
  void check(const Entry& entry);
  [[nodiscard]] std::uint64_t size() const { return size_; }

 private:
  Bytes read(std::uint64_t offset, std::uint64_t bytes)
  {
    if (offset > size_ || bytes > size_ - offset) wrong("it is cut off");
    Bytes data(bytes);
    file_.seekg(static_cast<std::streamoff>(offset));
    file_.read(reinterpret_cast<char*>(data.data()), static_cast<std::streamsize>(bytes));
    if (!file_) wrong("it cannot be read");
    return data;
  }
  std::ifstream file_;
  std::uint64_t size_ = 0;
  std::uint64_t directory_ = 0;
};

std::vector<Entry> Archive::directory()
{
  const std::uint64_t tail = std::min<std::uint64_t>(size_, 22 + 20);
  const Bytes end = read(size_ - tail, tail);
  // LibTorch writes no comment: the last record ends the file.
  if (tail < 22 || number(end, tail - 22, 4) != 0x06054b50 || number(end, tail - 2, 2) != 0)
    wrong("it has no directory at its end: it is cut off, or no archive");
  std::uint64_t count = number(end, tail - 12, 2);
  std::uint64_t bytes = number(end, tail - 10, 4);
  directory_ = number(end, tail - 6, 4);
  if (tail == 42 && number(end, 0, 4) == 0x07064b50) {
    const Bytes wide = read(number(end, 8, 8), 56);
    if (number(wide, 0, 4) != 0x06064b50) wrong("its directory is broken");
    count = number(wide, 32, 8);
    bytes = number(wide, 40, 8);
    directory_ = number(wide, 48, 8);
  }
  const Bytes all = read(directory_, bytes);
  // An entry takes 46 bytes at least.
  if (count > bytes / 46) wrong("its directory is broken");
  std::vector<Entry> entries;
  std::size_t at = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    if (number(all, at, 4) != 0x02014b50) wrong("its directory is broken");
    const std::size_t name = number(all, at + 28, 2);
    const std::size_t extra = number(all, at + 30, 2);
    const std::size_t comment = number(all, at + 32, 2);
    if (name + extra + comment > all.size() - at - 46) wrong("its directory is broken");
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(at + 46);
    Entry entry{{begin, begin + static_cast<std::ptrdiff_t>(name)},
                number(all, at + 8, 2),
                number(all, at + 10, 2),
                number(all, at + 16, 4),
                number(all, at + 20, 4),
                number(all, at + 24, 4),
                number(all, at + 42, 4)};
    // What does not fit into 32 bits stands in an extra field, in this order.
    const std::size_t until = at + 46 + name + extra;
    for (std::size_t e = at + 46 + name; e + 4 <= until; e += 4 + number(all, e + 2, 2)) {
      if (number(all, e, 2) != 1) continue;
      std::size_t from = e + 4;
      for (auto* wide : {&entry.bytes, &entry.packed, &entry.offset})
        if (*wide == 0xffffffffU) {
          *wide = number(all, from, 8);
          from += 8;
        }
    }
    entries.push_back(std::move(entry));
    at += 46 + name + extra + comment;
  }
  return entries;
}

void Archive::check(const Entry& entry)
{
  const std::string where = "its part '" + entry.name + "' ";
  if ((entry.flags & 1) != 0) wrong(where + "is encrypted");
  if (entry.method != 0 && entry.method != 8) wrong(where + "is packed in an unknown way");
  const Bytes head = read(entry.offset, 30);
  const std::size_t name = number(head, 26, 2);
  const std::uint64_t begin = entry.offset + 30 + name + number(head, 28, 2);
  const Bytes own = read(entry.offset + 30, name);
  if (number(head, 0, 4) != 0x04034b50 ||
      !std::equal(own.begin(), own.end(), entry.name.begin(), entry.name.end()) ||
      number(head, 8, 2) != entry.method || begin > directory_ || entry.packed > directory_ - begin)
    wrong(where + "is not where the directory says");
  // Deflate makes at most 1032 bytes of one.
  if (entry.method == 0 ? entry.bytes != entry.packed : entry.bytes / 1032 > entry.packed)
    wrong(where + "has an impossible size");
  Crc crc;
  if (entry.method == 8) {
    const Bytes plain = inflate(read(begin, entry.packed), entry.bytes);
    crc.add(plain.data(), plain.size());
  } else {
    constexpr std::uint64_t piece = 1 << 20;
    for (std::uint64_t done = 0; done < entry.packed; done += piece) {
      const Bytes data = read(begin + done, std::min(piece, entry.packed - done));
      crc.add(data.data(), data.size());
    }
  }
  if (crc.sum() != entry.sum) wrong(where + "has another checksum than when it was written");
}

}  // namespace

std::vector<ZipPart> check_zip(const std::string& path)
{
  Archive archive{path};
  const auto entries = archive.directory();
  std::vector<ZipPart> parts;
  std::uint64_t sum = 0;
  for (const auto& entry : entries) {
    archive.check(entry);
    sum += entry.packed;
    if (sum > archive.size()) wrong("its parts lie over one another");
    parts.push_back({entry.name, entry.bytes});
  }
  return parts;
}

}  // namespace cardan::torch_module
