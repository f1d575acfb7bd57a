#include "tool/inspect.hpp"

#include "tool/guard.hpp"
#include "tool/statistics.hpp"
#include "tool/table.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <cmath>
#include <iostream>

namespace cardan::tool {

namespace {

/// What stands before a path's last slash, and what after it.
std::pair<std::string, std::string> split(const std::string& path)
{
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {"", path};
  return {path.substr(0, slash + 1), path.substr(slash + 1)};
}

std::string attributes_text(const Entry& entry)
{
  std::string text;
  for (const auto& each : entry.attributes)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", cut(each.name, 30),
                        values_text(each.values, each.single));
  return text;
}

std::string headline(const File& file)
{
  std::int64_t arrays = 0;
  std::int64_t bytes = 0;
  std::int64_t stored = 0;
  for (const auto& entry : file.entries())
    if (entry.kind == Entry::Kind::array) {
      ++arrays;
      bytes += entry.bytes;
      stored += entry.stored;
    }
  std::string text = file.path() + ": ";
  const Entry& root = file.root();
  if (text_of(root.attribute("format")) == "cardan-checkpoint") {
    const auto number = [&](const char* name) {
      const auto numbers = numbers_of(root.attribute(name));
      return numbers.empty() ? std::string("?") : exact_text(numbers[0]);
    };
    text += fmt::format("checkpoint {} of step {}, written {} by Cardan {} (layout {})",
                        number("sequence"), number("step"), text_of(root.attribute("created")),
                        text_of(root.attribute("cardan")), number("version"));
  } else {
    text += "HDF5";
  }
  text += fmt::format("\n{} array{}, {}", arrays, arrays == 1 ? "" : "s", size_text(bytes));
  if (stored != bytes) text += fmt::format(", of which {} are stored", size_text(stored));
  return text + "\n";
}

/// Models of a checkpoint; empty where there are none.
std::string models_text(const File& file)
{
  using Side = Table::Side;
  Table table{{{"model", Side::left},
               {"version"},
               {"step"},
               {"trained steps"},
               {"loss"},
               {"validation loss"},
               {"hash", Side::left}}};
  bool any = false;
  for (const auto& entry : file.entries()) {
    const auto [group, name] = split(entry.path);
    if (group != "models/" || entry.kind != Entry::Kind::group) continue;
    const auto number = [&, path = entry.path](const char* key) {
      const auto value = file.number(path + "/" + key);
      return value ? number_text(*value) : std::string("-");
    };
    if (number("version") == "-") continue;
    any = true;
    table.row({name, number("version"), number("step"), number("trained_steps"), number("loss"),
               number("validation_loss"), cut(file.text(entry.path + "/hash"), 16)});
  }
  return any ? fmt::format("\n{}", table.text()) : std::string{};
}

/// The first error of those that a table goes on after.
class FirstError {
 public:
  void note(const std::exception& error)
  {
    if (none_) std::cerr << "cardan: " << error.what() << std::endl;
    none_ = false;
  }
  [[nodiscard]] bool none() const { return none_; }

 private:
  bool none_ = true;
};

std::vector<std::string> row_of(const File& file, const Entry& entry, Reading reading,
                                Progress& progress, FirstError& errors)
{
  const bool packed = !entry.filters.empty();
  const std::string share = packed && entry.bytes > 0
                                ? fmt::format("{:.0f} %", 100 * static_cast<double>(entry.stored) /
                                                              static_cast<double>(entry.bytes))
                                : "";
  std::vector<std::string> row{fmt::format("  {}", split(entry.path).second),
                               entry.type,
                               shape_text(entry.shape),
                               size_text(entry.bytes),
                               share,
                               "",
                               "",
                               "",
                               ""};
  if (reading == Reading::quick || !entry.dtype || entry.elements() == 0) return row;
  try {
    const Statistics all = statistics(file, entry, whole(entry.shape), progress);
    row[5] = number_text(all.min);
    row[6] = number_text(all.max);
    row[7] = number_text(all.mean);
    row[8] = fmt::format("{}", all.nan);
  } catch (const Error& error) {
    errors.note(error);
    row[5] = "damaged";
  }
  return row;
}

}  // namespace

bool show_file(const File& file, Reading reading)
{
  std::string text = headline(file);
  if (text_of(file.root().attribute("format")) != "cardan-checkpoint" &&
      !file.root().attributes.empty())
    text += cut(attributes_text(file.root()), page_width - 3) + "\n";
  text += models_text(file);
  using Side = Table::Side;
  Table table{{{"array", Side::left},
               {"type", Side::left},
               {"shape", Side::left},
               {"bytes"},
               {"stored"},
               {"min"},
               {"max"},
               {"mean"},
               {"NaN"}}};
  std::int64_t bytes = 0;
  for (const auto& entry : file.entries())
    if (entry.dtype) bytes += entry.bytes;
  FirstError errors;
  std::string current;
  {
    Progress progress{file.path(), bytes};
    for (const auto& entry : file.entries()) {
      if (entry.kind == Entry::Kind::group) {
        if (!entry.path.empty() && !entry.attributes.empty()) {
          current = entry.path + "/";
          table.line(current);
          table.line(fmt::format("    {}", cut(attributes_text(entry), page_width - 7)));
        }
        continue;
      }
      const std::string group = split(entry.path).first;
      if (group != current) table.line(group.empty() ? "/" : group);
      current = group;
      if (entry.kind == Entry::Kind::array)
        table.row(row_of(file, entry, reading, progress, errors));
      else
        table.row({fmt::format("  {}", split(entry.path).second), entry.type, "", "", "", "", "",
                   "", ""});
      if (entry.text && entry.elements() == 1 && reading != Reading::quick)
        table.line(
            fmt::format("    \"{}\"", cut(file.read_texts(entry, whole(entry.shape)).front(), 90)));
      if (!entry.attributes.empty())
        table.line(fmt::format("    {}", cut(attributes_text(entry), page_width - 7)));
    }
  }
  print(text + "\n" + table.text());
  return errors.none();
}

}  // namespace cardan::tool
