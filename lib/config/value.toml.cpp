#include "config/value.toml.hpp"

#include "config/seconds.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <sstream>
#include <utility>
#include <vector>

namespace cardan::config {

std::string shown(const toml::node& value)
{
  if (value.is_table()) return "{ ... }";
  // Strings in "double quotes", as the run files of the documentation have them.
  constexpr auto flags =
      toml::toml_formatter::default_flags & ~toml::format_flags::allow_literal_strings;
  std::ostringstream out;
  out << toml::toml_formatter{value, flags};
  std::string text = out.str();
  for (char& letter : text)
    if (letter == '\n') letter = ' ';
  constexpr std::size_t longest = 60;
  if (text.size() > longest) text = text.substr(0, longest - 4) + " ...";
  return text;
}

namespace {

template <class T>
std::optional<T> refused(std::string& reason, const char* because)
{
  reason = because;
  return std::nullopt;
}

// One overload for each type; the last argument only chooses it.
std::optional<bool> pick(const toml::node& value, std::string& reason, const bool*)
{
  if (const auto* flag = value.as_boolean()) return flag->get();
  return refused<bool>(reason, "must be true or false");
}

std::optional<std::int64_t> pick(const toml::node& value, std::string& reason, const std::int64_t*)
{
  if (const auto* number = value.as_integer()) return number->get();
  return refused<std::int64_t>(reason, "must be an integer");
}

std::optional<int> pick(const toml::node& value, std::string& reason, const int*)
{
  const auto number = read<std::int64_t>(value, reason);
  if (!number) return std::nullopt;
  using Range = std::numeric_limits<int>;
  if (*number < Range::min() || *number > Range::max())
    return refused<int>(reason, "must be an integer from -2147483648 to 2147483647");
  return static_cast<int>(*number);
}

std::optional<double> pick(const toml::node& value, std::string& reason, const double*)
{
  if (const auto* number = value.as_floating_point()) return number->get();
  if (const auto* number = value.as_integer()) return static_cast<double>(number->get());
  return refused<double>(reason, "must be a number");
}

std::optional<std::string> pick(const toml::node& value, std::string& reason, const std::string*)
{
  if (const auto* text = value.as_string()) return text->get();
  return refused<std::string>(reason, "must be a string");
}

std::optional<Seconds> pick(const toml::node& value, std::string& reason, const Seconds*)
{
  std::optional<Seconds> span;
  if (const auto* text = value.as_string()) {
    span = parse_seconds(text->get());
  } else {
    std::string ignored;
    const auto number = read<double>(value, ignored);
    if (number && is_span(*number)) span = Seconds{*number};
  }
  if (span) return span;
  return refused<Seconds>(reason,
                          "must be a positive time: a number of seconds, or such as \"5 ms\"; "
                          "units are ns, us, ms, s, min, h");
}

template <class T>
std::optional<std::vector<T>> pick(const toml::node& value, std::string& reason,
                                   const std::vector<T>*)
{
  std::vector<T> values;
  const auto* array = value.as_array();
  const std::size_t size = array ? array->size() : 1;
  for (std::size_t i = 0; i < size; ++i) {
    auto element = read<T>(array ? (*array)[i] : value, reason);
    if (!element) {
      if (array) reason.insert(0, "element " + std::to_string(i + 1) + " ");
      return std::nullopt;
    }
    values.push_back(std::move(*element));
  }
  return values;
}

}  // namespace

template <class T>
std::optional<T> read(const toml::node& value, std::string& reason)
{
  return pick(value, reason, static_cast<const T*>(nullptr));
}

template std::optional<bool> read(const toml::node&, std::string&);
template std::optional<int> read(const toml::node&, std::string&);
template std::optional<std::int64_t> read(const toml::node&, std::string&);
template std::optional<double> read(const toml::node&, std::string&);
template std::optional<std::string> read(const toml::node&, std::string&);
template std::optional<Seconds> read(const toml::node&, std::string&);
template std::optional<std::vector<std::int64_t>> read(const toml::node&, std::string&);
template std::optional<std::vector<double>> read(const toml::node&, std::string&);
template std::optional<std::vector<std::string>> read(const toml::node&, std::string&);

}  // namespace cardan::config
