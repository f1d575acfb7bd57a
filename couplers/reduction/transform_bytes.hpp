/// Transforms as bytes: what their kinds share.
#pragma once

#include "couplers/reduction/bytes.hpp"
#include "couplers/reduction/transform.hpp"

namespace cardan::reduction {

inline constexpr std::uint32_t transform_mark = 0x52544443;  // "CDTR"
inline constexpr std::int64_t most_transform_numbers = std::int64_t{1} << 40;
enum class TransformKind : std::uint8_t { none, linear, conv };

Writer begin_transform(std::vector<std::byte>& bytes, TransformKind kind);
void put(Writer& to, const std::vector<double>& numbers);
/// Takes no more memory than there are bytes.
std::vector<double> get_numbers(Reader& from);

// What follows the kind.
std::unique_ptr<Transform> read_linear(Reader& from);
std::unique_ptr<Transform> read_conv(Reader& from);

}  // namespace cardan::reduction
