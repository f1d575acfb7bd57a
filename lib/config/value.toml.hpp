/// Values of a run file: shown in messages, and read as C++ types.
#pragma once

#include <cardan/config.hpp>

#include <toml++/toml.h>

#include <optional>
#include <string>

namespace cardan::config {

/// The value as it could stand in the file, cut to part of a line.
std::string shown(const toml::node& value);

/// The value as a T, one of those that `Config::get` knows; otherwise nothing, and `reason` says
/// what it must be.
template <class T>
std::optional<T> read(const toml::node& value, std::string& reason);

}  // namespace cardan::config
