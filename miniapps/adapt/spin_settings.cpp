#include "spin_settings.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace adapt {

namespace {

std::int64_t between(const cardan::Config& table, const char* key, std::int64_t least,
                     std::int64_t most, std::int64_t usual)
{
  const auto value = table.get<std::int64_t>(key, usual);
  if (value < least || value > most)
    throw table.error(key, fmt::format("must be {} to {}", least, most));
  return value;
}

double share(const cardan::Config& table, const char* key, double usual)
{
  const auto value = table.get<double>(key, usual);
  if (!(value > 0 && value <= 1)) throw table.error(key, "must be above 0 and at most 1");
  return value;
}

StripShape read_shape(const cardan::Config& table)
{
  StripShape shape;
  shape.width = between(table, "width", 1, 14, shape.width);
  shape.periodic = table.get<bool>("periodic", shape.periodic);
  shape.length = between(table, "length", shape.periodic ? 3 : 2, 4096, shape.length);
  const std::string couplings =
      table.choice("couplings", {"gaussian", "signs", "ferromagnet"}, "gaussian");
  shape.couplings = couplings == "signs"         ? Couplings::signs
                    : couplings == "ferromagnet" ? Couplings::ferromagnet
                                                 : Couplings::gaussian;
  return shape;
}

Knowledge read_knowledge(const cardan::Config& table)
{
  const std::string name = table.choice("knowledge", {"pulls", "couplings", "nothing"}, "pulls");
  if (name == "couplings") return Knowledge::couplings;
  return name == "nothing" ? Knowledge::nothing : Knowledge::pulls;
}

void read_search(const cardan::Config& table, SpinSettings& settings)
{
  constexpr std::int64_t most = 1 << 20;
  settings.population = between(table, "population", 2, most, settings.population);
  settings.children = between(table, "children", 1, most, settings.children);
  settings.generations = between(table, "generations", 1, most, settings.generations);
  settings.entrants = between(table, "entrants", 1, most, settings.entrants);
  settings.crossover = table.get<double>("crossover", settings.crossover);
  if (!(settings.crossover >= 0 && settings.crossover <= 1))
    throw table.error("crossover", "must be between 0 and 1");
  settings.flips = share(table, "flips", settings.flips);
  settings.masked = share(table, "masked", settings.masked);
  settings.window = between(table, "window", 1, settings.shape.length,
                            std::min(settings.window, settings.shape.length));
  settings.knowledge = read_knowledge(table);
  settings.lessons = between(table, "lessons", 1, most, settings.lessons);
  // A rank's part of the first call is then not smaller than that of any other.
  const std::int64_t least = 2 * std::max(settings.lessons, settings.children);
  settings.first_lessons =
      between(table, "first_lessons", least, most, std::max(least, settings.first_lessons));
  settings.elite = share(table, "elite", settings.elite);
  settings.sharpness = table.get<double>("sharpness", settings.sharpness);
  if (!(settings.sharpness > 0)) throw table.error("sharpness", "must be positive");
  settings.temperature = table.get<double>("temperature", settings.temperature);
  if (!(settings.temperature > 0)) throw table.error("temperature", "must be positive");
}

}  // namespace

const std::vector<std::string>& mutation_names()
{
  static const std::vector<std::string> names{"flips",          "adapted_flips", "frozen",
                                              "adapted_frozen", "adaptive",      "heat_bath"};
  return names;
}

Mutation mutation_of(const std::string& name)
{
  const auto& names = mutation_names();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) throw cardan::Error{"there is no mutation '" + name + "'"};
  return static_cast<Mutation>(found - names.begin());
}

bool learns(Mutation mutation)
{
  return mutation == Mutation::frozen || mutation == Mutation::adapted_frozen ||
         mutation == Mutation::adaptive;
}

SpinSettings read_spin_settings(const SpinRequest& request)
{
  const auto run_file = cardan::Config::from_file(request.run_file);
  const auto table = run_file.table("adapt").table("spin");
  SpinSettings settings;
  settings.shape = read_shape(table);
  settings.methods = table.get<std::vector<std::string>>("methods", mutation_names());
  const auto& known = mutation_names();
  for (const auto& method : settings.methods)
    if (std::find(known.begin(), known.end(), method) == known.end())
      throw table.error("methods", fmt::format("known: {}", fmt::join(known, ", ")));
  if (settings.methods.empty()) throw table.error("methods", "must name one at least");
  const std::int64_t listed = between(table, "seeds", 1, 1000, 3);
  // Where couplings are drawn otherwise: strips that nothing was chosen by.
  const auto instance = table.get<std::int64_t>("first_instance", 0);
  const std::int64_t seeds = request.seeds ? *request.seeds : listed;
  settings.seeds.reserve(static_cast<std::size_t>(seeds));
  for (std::int64_t i = 0; i < seeds; ++i)
    settings.seeds.push_back(instance + request.first_seed + i);
  read_search(table, settings);
  // All spins of a generation go through one message.
  if (std::max(settings.population, settings.children) > (1 << 30) / settings.shape.sites())
    throw table.error("population", "has more spins than a message can carry");
  table.reject_unknown();
  return settings;
}

}  // namespace adapt
