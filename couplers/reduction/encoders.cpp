#include "couplers/reduction/encoders.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <cstring>

namespace cardan::reduction {

std::vector<std::int64_t> edges_of(const ReductionField& field, const Settings& settings)
{
  if (settings.block.size() != 1) return settings.block;
  return std::vector<std::int64_t>(field.shape.size() - (field.components ? 1 : 0),
                                   settings.block.front());
}

std::int64_t block_numbers(const ReductionField& field, const Settings& settings)
{
  return Blocking{field, edges_of(field, settings)}.numbers();
}

Encoders no_encoders(const std::vector<ReductionField>& fields, const Settings& settings)
{
  Encoders encoders;
  for (const auto& field : fields) encoders.push_back(no_transform(block_numbers(field, settings)));
  return encoders;
}

std::vector<std::byte> bytes_of(const Encoders& encoders)
{
  std::vector<std::byte> all;
  for (const auto& encoder : encoders) {
    const auto bytes = encoder->bytes();
    const std::uint64_t size = bytes.size();
    const auto* begin = reinterpret_cast<const std::byte*>(&size);
    all.insert(all.end(), begin, begin + sizeof size);
    all.insert(all.end(), bytes.begin(), bytes.end());
  }
  return all;
}

Encoders read_encoders(std::span<const std::byte> bytes, const std::vector<ReductionField>& fields,
                       const Settings& settings)
{
  Encoders encoders;
  for (const auto& field : fields) {
    std::uint64_t size = 0;
    if (bytes.size() < sizeof size) throw Error{"an encoder arrived damaged", "it is cut off"};
    std::memcpy(&size, bytes.data(), sizeof size);
    bytes = bytes.subspan(sizeof size);
    if (bytes.size() < size) throw Error{"an encoder arrived damaged", "it is cut off"};
    encoders.push_back(read_transform(bytes.first(size)));
    bytes = bytes.subspan(size);
    const std::int64_t wanted = block_numbers(field, settings);
    if (encoders.back()->numbers() != wanted)
      throw Error{fmt::format("an encoder of '{}' is of blocks of {} numbers", field.name,
                              encoders.back()->numbers()),
                  fmt::format("its blocks have {}", wanted)};
  }
  if (!bytes.empty()) throw Error{"an encoder arrived damaged", "there is more than all fields'"};
  return encoders;
}

bool Assembly::add(std::int64_t offset, std::int64_t total, std::span<const std::byte> piece)
{
  if (offset == 0) bytes_.clear();
  if (static_cast<std::size_t>(offset) != bytes_.size() ||
      bytes_.size() + piece.size() > static_cast<std::size_t>(total))
    throw Error{"an encoder arrived damaged", "a piece is missing"};
  bytes_.insert(bytes_.end(), piece.begin(), piece.end());
  return bytes_.size() == static_cast<std::size_t>(total);
}

}  // namespace cardan::reduction
