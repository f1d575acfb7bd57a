#include "couplers/steering/settings.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace cardan::steering {

namespace {

Config table_of(const Config& run_file, const std::string& name)
{
  return run_file.table("steering").table(name);
}

/// Values of a key as numbers of type T: one for each number of the field, or one for all.
template <class T>
std::vector<std::byte> numbers_as(const Config& table, const std::string& key,
                                  const Feature& feature)
{
  const auto values = [&] {
    if constexpr (std::is_floating_point_v<T>)
      return table.get<std::vector<double>>(key);
    else
      return table.get<std::vector<std::int64_t>>(key);
  }();
  const auto count = static_cast<std::size_t>(feature.numbers());
  if (values.size() != 1 && values.size() != count)
    throw table.error(key, fmt::format("the field has {} number{}", count, count == 1 ? "" : "s"),
                      "Give as many, row by row, or one for all.");
  std::vector<std::byte> bytes(count * sizeof(T));
  for (std::size_t i = 0; i < count; ++i) {
    const auto value = values[values.size() == 1 ? 0 : i];
    const T number = static_cast<T>(value);
    if constexpr (std::is_integral_v<T>)
      if (static_cast<std::int64_t>(number) != value || (std::is_unsigned_v<T> && value < 0))
        throw table.error(key, fmt::format("{} is no {}", value, to_string(feature.dtype)));
    std::memcpy(bytes.data() + i * sizeof(T), &number, sizeof(T));
  }
  return bytes;
}

std::vector<std::byte> default_of(const Config& table, const std::string& key,
                                  const Feature& feature)
{
  if (!table.has(key)) return {};
  switch (feature.dtype) {
    case Dtype::float32: return numbers_as<float>(table, key, feature);
    case Dtype::float64: return numbers_as<double>(table, key, feature);
    case Dtype::int8: return numbers_as<std::int8_t>(table, key, feature);
    case Dtype::int16: return numbers_as<std::int16_t>(table, key, feature);
    case Dtype::int32: return numbers_as<std::int32_t>(table, key, feature);
    case Dtype::int64: return numbers_as<std::int64_t>(table, key, feature);
    case Dtype::uint8: return numbers_as<std::uint8_t>(table, key, feature);
    case Dtype::uint16: return numbers_as<std::uint16_t>(table, key, feature);
    case Dtype::uint32: return numbers_as<std::uint32_t>(table, key, feature);
    case Dtype::uint64: return numbers_as<std::uint64_t>(table, key, feature);
  }
  return {};
}

}  // namespace

std::vector<std::string> steering_names(const Config& run_file)
{
  return run_file.table("steering").keys();
}

//= [steering.NAME]
SteeringSettings read_steering(const Config& run_file, const std::string& name)
{
  const Config table = table_of(run_file, name);
  SteeringSettings settings;
  settings.name = name;
  // Kinds of a user's own are known where they are registered: on ML ranks.
  //= `"model"`: a model decides from each report; or a name given to `register_decider`
  settings.kind = table.get<std::string>("kind");
  //= reports and decisions under way between two ranks; at most 1024
  settings.depth = table.get<int>("depth", settings.depth);
  if (settings.depth < 1) throw table.error("depth", "must be positive");
  if (settings.depth > 1024) throw table.error("depth", "at most 1024 can be under way");
  //= `"drop"`: a report that finds no room is left out and counted; `"wait"`: it waits until the
  //= ML rank has read one, until `[run] deadline`
  settings.full =
      table.choice("full", {"drop", "wait"}, "drop") == "wait" ? Full::wait : Full::drop;
  //= where there is no decision, fields `"keep"` what they hold, or get those of `default`
  settings.defaults = table.choice("none", {"keep", "default"}, "keep") == "default";
  //= `"drop"`: decisions older than `max_age` are counted and not taken; `"apply"`: counted and
  //= taken
  settings.apply_late = table.choice("late", {"drop", "apply"}, "drop") == "apply";
  //= none | steps since the report that a decision was made from; older ones are late
  settings.max_age = table.get<std::int64_t>("max_age", settings.max_age);
  if (settings.max_age < 0) throw table.error("max_age", "must not be negative");
  //= of a `wait` that does not say
  settings.deadline = table.get<Seconds>("deadline", Seconds{settings.deadline}).value;
  if (!(settings.deadline > 0)) throw table.error("deadline", "must be positive");
  //= none | for each field of a decision its numbers, row by row, or one for all: with
  //= `none = "default"`
  const bool given = table.has("default");
  if (given && !settings.defaults)
    throw table.error("default", "nothing takes them", "Set none = \"default\".");
  if (!given && settings.defaults)
    throw table.error("none", "there are no defaults",
                      "Write default = { NAME = 0 }, for example.");
  //= none | needed by `kind = "model"`: as in `[surrogate.NAME]`
  if (settings.kind != "model" && table.has("model"))
    throw table.error("model", fmt::format("a decider of kind \"{}\" has none", settings.kind),
                      "Set kind = \"model\".");
  if (settings.kind == "model" && !table.has("model"))
    throw table.error("kind", "a decider of kind \"model\" needs one",
                      "Write model = { kind = \"mlp\", hidden = [64] }, for example.");
  return settings;
}

std::vector<std::vector<std::byte>> read_defaults(const Config& run_file,
                                                  const SteeringSettings& settings,
                                                  const Features& decision)
{
  if (!settings.defaults) return {};
  const Config steering = table_of(run_file, settings.name);
  return read_defaults(steering, steering.table("default"), decision);
}

std::vector<std::vector<std::byte>> read_defaults(const Config& coupler, const Config& table,
                                                  const Features& decision)
{
  std::vector<std::vector<std::byte>> defaults;
  std::vector<std::string> known;
  for (const auto& feature : decision) {
    known.push_back(feature.name);
    defaults.push_back(default_of(table, feature.name, feature));
    if (defaults.back().empty())
      throw coupler.error("default", fmt::format("it has nothing for '{}'", feature.name),
                          "Give every field of the decision one.");
  }
  for (const auto& key : table.keys()) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    const std::string near = nearest(key, known);
    throw table.error(key, fmt::format("decisions have {}", fmt::join(known, ", ")),
                      near.empty() ? "" : "Did you mean '" + near + "'?");
  }
  return defaults;
}

void leave_to_decider(const Config& run_file, const std::string& name)
{
  const Config table = table_of(run_file, name);
  table.ask_all("default");
  table.ask_all("options");
  table.ask_all("model");
}

}  // namespace cardan::steering
