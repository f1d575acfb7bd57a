#include "session/axes.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace cardan {

namespace {

/// Words between blanks and commas.
std::vector<std::string> words_of(std::string_view text)
{
  constexpr std::string_view between = " ,\t";
  std::vector<std::string> words;
  while (true) {
    const std::size_t begin = text.find_first_not_of(between);
    if (begin == std::string_view::npos) return words;
    const std::size_t end = std::min(text.find_first_of(between, begin), text.size());
    words.emplace_back(text.substr(begin, end - begin));
    text.remove_prefix(end);
  }
}

bool names_twice(std::vector<std::string> names)
{
  std::sort(names.begin(), names.end());
  return std::adjacent_find(names.begin(), names.end()) != names.end();
}

}  // namespace

Axes read_axes(const Config& run_file)
{
  Axes all;
  for (const auto& name : run_file.table("field").keys()) {
    const Config table = run_file.table("field").table(name);
    //= names of the axes of each sample or box, in the order in which all receive them: the first
    //= one of a batch counts its samples. C and Fortran name those of their arrays
    const auto axes = table.get<std::vector<std::string>>("axes");
    if (axes.empty() || axes.size() > static_cast<std::size_t>(max_rank))
      throw table.error("axes", fmt::format("must name 1 to {} axes", max_rank));
    if (names_twice(axes)) throw table.error("axes", "names an axis twice");
    for (const auto& axis : axes)
      if (words_of(axis) != std::vector<std::string>{axis})
        throw table.error("axes", "an axis is a name without blanks and commas");
    all.emplace(name, axes);
  }
  return all;
}

Field arrange(const Config& run_file, const Axes& axes, const std::string& name, const Field& field,
              std::string_view mine)
{
  const int rank = field.shape().rank();
  const auto found = axes.find(name);
  const std::vector<std::string> given = words_of(mine);
  if (found == axes.end()) {
    if (given.empty()) return field;
    throw Error{fmt::format("field '{}' is given with the axes '{}'", name, fmt::join(given, " ")),
                fmt::format("{} has no [field.{}] that says in which order others receive them",
                            run_file.name(), name),
                fmt::format("Add [field.{}] axes = [\"{}\"].", name, fmt::join(given, "\", \""))};
  }
  const std::vector<std::string>& wanted = found->second;
  const std::string says =
      fmt::format("{} says [\"{}\"]", run_file.name(), fmt::join(wanted, "\", \""));
  if (given.empty() && rank == 1 && wanted.size() == 1) return field;
  if (given.empty())
    throw Error{fmt::format("field '{}' of shape {} is given without its axes", name,
                            to_string(field.shape())),
                says, "Name the array's dimensions, first index first."};
  if (static_cast<int>(given.size()) != rank)
    throw Error{fmt::format("field '{}' of shape {} is given with {} axes, '{}'", name,
                            to_string(field.shape()), given.size(), fmt::join(given, " ")),
                "each dimension has one"};
  if (!std::is_permutation(given.begin(), given.end(), wanted.begin(), wanted.end()))
    throw Error{fmt::format("field '{}' is given with the axes '{}'", name, fmt::join(given, " ")),
                says, "Give the same names, in the order of the array's own indices."};
  Extents order = Extents::filled(rank, 0);
  for (int i = 0; i < rank; ++i) {
    const auto& axis = wanted[static_cast<std::size_t>(i)];
    order[i] = std::find(given.begin(), given.end(), axis) - given.begin();
  }
  return field.permuted(order);
}

}  // namespace cardan
