// What the run file says of a space, whose choices may be of any type.

#include "couplers/tuning/space.hpp"

#include <cardan/error.hpp>

#include <toml++/toml.h>

#include <cmath>
#include <sstream>
#include <utility>

namespace cardan::tuning {

namespace {

/// Text that was parsed before.
toml::table parsed(const std::string& text)
{
#if TOML_EXCEPTIONS
  return toml::parse(text);
#else
  return std::move(toml::parse(text)).table();
#endif
}

std::string text_of(const toml::node& node)
{
  std::ostringstream text;
  node.visit([&](const auto& value) {
    if constexpr (toml::is_table<decltype(value)>)
      text << toml::toml_formatter{value};
    else
      text << value;
  });
  return text.str();
}

void read_choices(const Config& table, const toml::array* choices, Parameter& parameter)
{
  if (choices == nullptr || choices->empty())
    throw table.error("choices", "must be a list of at least one",
                      "Write { choices = [16, 32, 64] }, for example.");
  bool numbers = true;
  for (const toml::node& each : *choices) numbers = numbers && each.is_number();
  parameter.kind = Parameter::Kind::choice;
  for (const toml::node& each : *choices) {
    if (each.is_table()) throw table.error("choices", "a choice cannot be a table");
    parameter.literals.push_back(text_of(each));
    if (numbers)
      parameter.numbers.push_back(*each.value<double>());
    else
      parameter.words.push_back(each.is_string() ? *each.value<std::string>()
                                                 : parameter.literals.back());
  }
}

//= [tuning.NAME.space.KEY]
void read_range(const Config& table, Parameter& parameter)
{
  //= of a range: only integers
  if (table.get<bool>("integer", false)) parameter.kind = Parameter::Kind::integer;
  //= the least value of a range
  parameter.low = table.get<double>("low");
  //= the largest value of a range
  parameter.high = table.get<double>("high");
  //= of a range: all orders of magnitude alike
  parameter.log = table.get<bool>("log", false);
  if (!(parameter.low < parameter.high)) throw table.error("high", "must be above low");
  if (parameter.log && !(parameter.low > 0))
    throw table.error("low", "must be positive where log = true");
  if (parameter.kind == Parameter::Kind::integer &&
      (parameter.low != std::floor(parameter.low) || parameter.high != std::floor(parameter.high)))
    throw table.error("low", "low and high must be whole where integer = true");
}

//= [tuning.NAME.space.KEY]
Parameter read_parameter(const Config& table, const toml::table& node, const std::string& name)
{
  Parameter parameter;
  parameter.name = name;
  if (node.contains("choices")) {
    //= numbers, words or lists that are chosen among, in place of a range
    table.ask("choices");
    read_choices(table, node["choices"].as_array(), parameter);
  } else {
    read_range(table, parameter);
  }
  const bool shape = name.rfind("model.", 0) == 0 || name == "optimizer.kind";
  //= true for keys of the model and for `optimizer.kind` | of `kind = "population"`: a clone keeps
  //= the value of the trial that it goes on from, as what its state has depends on it
  parameter.fixed = table.get<bool>("fixed", shape);
  return parameter;
}

/// A key may have points, and so may be tables in tables.
void read_below(const Config& config, const toml::table& node, const std::string& prefix,
                Space& space)
{
  for (const std::string& each : config.keys()) {
    std::string name = prefix;
    name.append(prefix.empty() ? "" : ".").append(each);
    const toml::table* const below = node[each].as_table();
    if (below == nullptr)
      throw config.error(each, "must be a table of low and high, or of choices",
                         "Write { low = 1e-4, high = 1e-1, log = true }, for example.");
    const Config inner = config.table(each);
    if (below->contains("choices") || below->contains("low") || below->contains("high"))
      space.parameters.push_back(read_parameter(inner, *below, name));
    else
      read_below(inner, *below, name, space);
  }
}

void set(toml::table& table, const Override& value)
{
  toml::table* at = &table;
  for (std::size_t i = 0; i + 1 < value.path.size(); ++i) {
    toml::node* below = at->get(value.path[i]);
    if (below == nullptr || !below->is_table()) {
      at->insert_or_assign(value.path[i], toml::table{});
      below = at->get(value.path[i]);
    }
    at = below->as_table();
  }
  toml::table one = parsed("x = " + value.literal);
  at->insert_or_assign(value.path.back(), std::move(*one.get("x")));
}

}  // namespace

Space read_space(const Config& run_file, const std::string& name)
{
  const Config tuning = run_file.table("tuning").table(name);
  const Config table = tuning.table("space");
  const toml::table root = parsed(run_file.text());
  Space space;
  const toml::table* const node = root["tuning"][name]["space"].as_table();
  if (node != nullptr) read_below(table, *node, "", space);
  if (space.parameters.empty())
    throw tuning.error("space", "there is nothing to be tuned",
                       "Write [tuning." + name +
                           ".space] with rate = { low = 1e-4, high = 1e-1, log = true }, for "
                           "example.");
  return space;
}

std::string with_values(const std::string& text, const std::vector<Override>& values)
{
  toml::table root = parsed(text);
  for (const Override& value : values) set(root, value);
  std::ostringstream written;
  written << root;
  return written.str();
}

}  // namespace cardan::tuning
