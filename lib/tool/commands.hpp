/// The subcommands of `cardan`: each adds its options, and sets `chosen` to what it does when it is
/// asked for, which returns the exit status.
#pragma once

#include <CLI/CLI.hpp>

#include <functional>

namespace cardan::tool {

using Chosen = std::function<int()>;

void add_inspect(CLI::App& app, Chosen& chosen);
void add_diff(CLI::App& app, Chosen& chosen);
void add_check(CLI::App& app, Chosen& chosen);
void add_verify(CLI::App& app, Chosen& chosen);
void add_export(CLI::App& app, Chosen& chosen);

}  // namespace cardan::tool
