/// Time spans as they stand in run files: `5 ms`, `200 us`, `2 s`, `1 min`, `1 h`.
#pragma once

#include <cardan/config.hpp>

#include <optional>
#include <string_view>

namespace cardan::config {

/// True for a positive, finite number.
bool is_span(double seconds);
/// A number and its unit (ns, us, ms, s, min, h); nothing where it is not a span.
std::optional<Seconds> parse_seconds(std::string_view text);

}  // namespace cardan::config
