#include "run_file.hpp"

#include <fmt/format.h>

#include <map>
#include <sstream>
#include <vector>

namespace steer {

namespace {

std::string stripped(const std::string& line)
{
  const auto begin = line.find_first_not_of(" \t");
  if (begin == std::string::npos) return {};
  const auto end = line.find_last_not_of(" \t\r");
  return line.substr(begin, end - begin + 1);
}

/// The NAME of `[ensemble.NAME]`; empty for other tables, and those inside it.
std::string ensemble_of(const std::string& line)
{
  static const std::string prefix = "[ensemble.";
  if (!line.starts_with(prefix)) return {};
  const auto end = line.find(']');
  if (end == std::string::npos || line.find('.', prefix.size()) < end) return {};
  return line.substr(prefix.size(), end - prefix.size());
}

std::string key_of(const std::string& line)
{
  const auto equals = line.find('=');
  return equals == std::string::npos ? "" : stripped(line.substr(0, equals));
}

}  // namespace

std::string overridden(const std::string& text, const EnsembleOverrides& overrides)
{
  std::map<std::string, std::string> values;
  if (overrides.members) values["members"] = std::to_string(*overrides.members);
  if (overrides.barrier) values["barrier"] = *overrides.barrier ? "true" : "false";
  std::istringstream input{text};
  std::string result;
  std::string line;
  bool inside = false;
  while (std::getline(input, line)) {
    const std::string words = stripped(line);
    if (words.starts_with('[')) inside = overrides.names.contains(ensemble_of(words));
    if (inside && values.contains(key_of(words))) continue;
    result += line + "\n";
    if (inside && words.starts_with('['))
      for (const auto& [key, value] : values) result += fmt::format("{} = {}\n", key, value);
  }
  return result;
}

}  // namespace steer
