// TFRecord: tensorflow/core/lib/io/record_writer.h; the fields' numbers: tensorflow/core/util/
// event.proto, framework/summary.proto, framework/tensor.proto.

#include "support/tensorboard.hpp"

#include <array>
#include <bit>
#include <chrono>
#include <filesystem>
#include <stdexcept>

namespace miniapp {

namespace {

constexpr std::array<std::uint32_t, 256> make_table()
{
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? 0x82f63b78U : 0);
    table[i] = value;
  }
  return table;
}

/// Little-endian, whatever the machine is.
std::string fixed(std::uint64_t value, int bytes)
{
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>((value >> (8 * i)) & 0xff);
  return out;
}

std::string varint(std::uint64_t value)
{
  std::string out;
  for (; value >= 0x80; value >>= 7) out += static_cast<char>((value & 0x7f) | 0x80);
  return out += static_cast<char>(value);
}

/// Wire types: 0 varint, 1 eight bytes, 2 a length and bytes, 5 four bytes.
std::string number(unsigned field, std::int64_t value)
{
  return varint(field << 3U) + varint(static_cast<std::uint64_t>(value));
}
std::string float64(unsigned field, double value)
{
  return varint((field << 3U) | 1U) + fixed(std::bit_cast<std::uint64_t>(value), 8);
}
std::string float32(unsigned field, double value)
{
  return varint((field << 3U) | 5U) +
         fixed(std::bit_cast<std::uint32_t>(static_cast<float>(value)), 4);
}
std::string bytes(unsigned field, std::string_view value)
{
  return varint((field << 3U) | 2U) + varint(value.size()) + std::string{value};
}

double now()
{
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration<double>(since).count();
}

}  // namespace

std::uint32_t crc32c(std::string_view text)
{
  static constexpr auto table = make_table();
  std::uint32_t value = 0xffffffffU;
  for (const char c : text)
    value = (value >> 8) ^ table[(value ^ static_cast<unsigned char>(c)) & 0xffU];
  return value ^ 0xffffffffU;
}

std::uint32_t masked_crc32c(std::string_view text)
{
  const std::uint32_t crc = crc32c(text);
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8U;
}

EventFile::EventFile(const std::string& folder, const std::string& name)
    : path_((std::filesystem::path(folder) / ("events.out.tfevents." + name)).string())
{
  std::error_code code;
  std::filesystem::create_directories(folder, code);
  file_.open(path_, std::ios::binary);
  if (!file_) throw std::runtime_error{"cannot write " + path_};
  event(0, bytes(3, "brain.Event:2"));
}

void EventFile::event(std::int64_t step, const std::string& field)
{
  const std::string data = float64(1, now()) + number(2, step) + field;
  const std::string length = fixed(data.size(), 8);
  file_ << length << fixed(masked_crc32c(length), 4) << data << fixed(masked_crc32c(data), 4);
}

void EventFile::scalar(const std::string& tag, std::int64_t step, double value)
{
  event(step, bytes(5, bytes(1, bytes(1, tag) + float32(2, value))));
}

void EventFile::text(const std::string& tag, const std::string& value)
{
  constexpr std::int64_t strings = 7;  // DT_STRING
  constexpr std::int64_t tensor = 2;   // DATA_CLASS_TENSOR
  const std::string shape = bytes(2, number(1, 1));
  const std::string values = number(1, strings) + bytes(2, shape) + bytes(8, value);
  const std::string metadata = bytes(1, bytes(1, "text")) + number(4, tensor);
  event(0, bytes(5, bytes(1, bytes(1, tag) + bytes(8, values) + bytes(9, metadata))));
}

void EventFile::close()
{
  file_.close();
  if (!file_) throw std::runtime_error{"cannot write " + path_};
}

}  // namespace miniapp
