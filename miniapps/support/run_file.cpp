#include "support/run_file.hpp"

#include <fmt/format.h>

#include <set>
#include <sstream>

namespace miniapp {

namespace {

using Values = std::map<std::string, std::string>;

std::string stripped(const std::string& line)
{
  const auto begin = line.find_first_not_of(" \t");
  if (begin == std::string::npos) return {};
  const auto end = line.find_last_not_of(" \t\r");
  return line.substr(begin, end - begin + 1);
}

/// The NAME of a line `[NAME]`; empty for others.
std::string table_of(const std::string& line)
{
  const auto end = line.find(']');
  if (!line.starts_with('[') || line.starts_with("[[") || end == std::string::npos) return {};
  return stripped(line.substr(1, end - 1));
}

std::string key_of(const std::string& line)
{
  const auto equals = line.find('=');
  return equals == std::string::npos ? std::string{} : stripped(line.substr(0, equals));
}

std::string lines_of(const Values& values)
{
  std::string lines;
  for (const auto& [key, value] : values)
    if (!value.empty()) lines += fmt::format("{} = {}\n", key, value);
  return lines;
}

}  // namespace

std::string overridden(const std::string& text, const Overrides& overrides)
{
  static const Values nothing;
  const Values* values = &nothing;
  std::set<std::string> seen;
  std::istringstream input{text};
  std::string result;
  for (std::string line; std::getline(input, line);) {
    const std::string words = stripped(line);
    if (!words.starts_with('[')) {
      if (!values->contains(key_of(words))) result += line + "\n";
      continue;
    }
    const auto found = overrides.find(table_of(words));
    values = found == overrides.end() ? &nothing : &found->second;
    result += line + "\n";
    if (found != overrides.end() && seen.insert(found->first).second) result += lines_of(*values);
  }
  for (const auto& [table, keys] : overrides)
    if (!seen.contains(table)) result += fmt::format("\n[{}]\n{}", table, lines_of(keys));
  return result;
}

}  // namespace miniapp
