#include "checkpoint/checksum.hpp"
#include "tool/commands.hpp"
#include "tool/entry.hpp"
#include "tool/guard.hpp"
#include "tool/progress.hpp"
#include "tool/table.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <vector>

namespace cardan::tool {

namespace {

constexpr const char* names_path = "checksums/names";
constexpr const char* values_path = "checksums/values";

/// The layout that this program knows.
constexpr double layout = 1;

std::uint64_t sum_of(const File& file, const Entry& entry, Progress& progress)
{
  // A text is an array of bytes: each element is a row of them.
  const std::int64_t size = entry.text ? 1 : entry.element;
  const std::int64_t letters = entry.element / size;
  std::uint64_t sum = 0;
  std::vector<std::byte> data;
  for_each_piece(
      entry.shape, entry.chunk, std::max<std::int64_t>(1, 8 * piece_elements / entry.element),
      false, [&](const Shape& start, const Shape& count) {
        data.resize(static_cast<std::size_t>(product(count) * entry.element));
        file.read_bytes(entry, {start, count, Shape(start.size(), 1)}, data.data());
        for_each_row(entry.shape, start, count,
                     [&](std::int64_t position, std::int64_t in_block, std::int64_t length) {
                       // An empty text is stored as one byte that is not its own.
                       if (entry.text && data.size() == 1 && data[0] == std::byte{0}) return;
                       sum += checkpoint::checksum(data.data() + in_block * entry.element, size,
                                                   position * letters, length * letters);
                     });
        progress.add(static_cast<std::int64_t>(data.size()));
      });
  return sum;
}

/// The checksums that the file has for its arrays; problems where they cannot be read.
std::map<std::string, std::uint64_t> recorded(const File& file, std::vector<std::string>& problems)
{
  const Entry* names = file.find(names_path);
  const Entry* values = file.find(values_path);
  if (names == nullptr || values == nullptr || !names->dtype || !values->dtype ||
      names->shape.size() != 2 || values->shape.size() != 1 || names->element != 1 ||
      names->shape[0] != values->shape[0] || names->bytes > std::int64_t{1} << 30) {
    problems.emplace_back("its checksums are missing or are not what they should be");
    return {};
  }
  std::map<std::string, std::uint64_t> sums;
  try {
    const auto length = static_cast<std::size_t>(names->shape[1]);
    std::vector<char> letters(static_cast<std::size_t>(names->elements()));
    std::vector<std::uint64_t> numbers(static_cast<std::size_t>(values->elements()));
    file.read(*names, whole(names->shape), Dtype::uint8, letters.data());
    file.read(*values, whole(values->shape), Dtype::uint64, numbers.data());
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      const std::string padded(letters.data() + i * length, length);
      const std::size_t end = std::min(padded.find('\0'), length);
      if (padded.find_first_not_of('\0', end) != std::string::npos)
        problems.emplace_back("the names of its checksums are damaged");
      sums[padded.substr(0, end)] = numbers[i];
    }
  } catch (const Error& error) {
    problems.emplace_back(error.what());
  }
  return sums;
}

void check_head(const File& file, std::vector<std::string>& problems)
{
  const Entry& root = file.root();
  if (text_of(root.attribute("format")) != "cardan-checkpoint") {
    problems.emplace_back(
        "it is no checkpoint (its root has no attribute format = \"cardan-checkpoint\")");
    return;
  }
  const auto version = numbers_of(root.attribute("version"));
  if (version.empty() || version[0] < 1)
    problems.emplace_back("it does not say which version of the layout it has");
  else if (version[0] > layout)
    throw Error{"'" + file.path() + "' cannot be verified",
                fmt::format("its layout is version {}, this program knows {}", version[0], layout)};
  for (const char* name : {"sequence", "step"})
    if (numbers_of(root.attribute(name)).size() != 1)
      problems.push_back(fmt::format("it has no attribute '{}'", name));
  for (const char* name : {"cardan", "created"})
    if (text_of(root.attribute(name)).empty())
      problems.push_back(fmt::format("it has no attribute '{}'", name));
}

void check_arrays(const File& file, std::map<std::string, std::uint64_t> sums,
                  std::vector<std::string>& problems)
{
  std::int64_t bytes = 0;
  for (const auto& entry : file.entries()) bytes += entry.bytes;
  Progress progress{file.path(), bytes};
  for (const auto& entry : file.entries()) {
    if (entry.kind == Entry::Kind::group || entry.path == names_path || entry.path == values_path)
      continue;
    const auto found = sums.find(entry.path);
    if (found == sums.end()) {
      problems.push_back(fmt::format("array '{}' has no checksum", entry.path));
      continue;
    }
    const std::uint64_t expected = found->second;
    sums.erase(found);
    try {
      if (entry.kind != Entry::Kind::array || (!entry.dtype && !entry.text) || !file.fixed(entry)) {
        problems.push_back(fmt::format("'{}' is no array of numbers or a text", entry.path));
        continue;
      }
      const std::uint64_t sum = sum_of(file, entry, progress);
      if (sum != expected)
        problems.push_back(fmt::format("array '{}' is damaged (checksum {:016x}, recorded {:016x})",
                                       entry.path, sum, expected));
    } catch (const Error& error) {
      problems.push_back(fmt::format("array '{}' is damaged ({})", entry.path, error.what()));
    }
  }
  for (const auto& each : sums)
    problems.push_back(fmt::format("array '{}' is missing", cut(each.first, 80)));
}

int verify(const std::string& path)
{
  std::unique_ptr<File> file;
  std::vector<std::string> problems;
  try {
    file = std::make_unique<File>(path);
  } catch (const DamagedError& error) {
    print(path + ": " + error.what() + "\n");
    return no;
  }
  check_head(*file, problems);
  if (problems.empty()) {
    auto sums = recorded(*file, problems);
    if (problems.empty()) check_arrays(*file, std::move(sums), problems);
  }
  for (const auto& problem : problems) print(fmt::format("{}: {}\n", path, problem));
  if (!problems.empty()) return no;
  std::int64_t bytes = 0;
  std::size_t arrays = 0;
  for (const auto& entry : file->entries())
    if (entry.kind == Entry::Kind::array) {
      bytes += entry.bytes;
      ++arrays;
    }
  print(fmt::format("{}: whole ({} arrays, {}, step {:.0f})\n", path, arrays, size_text(bytes),
                    numbers_of(file->root().attribute("step"))[0]));
  return good;
}

}  // namespace

void add_verify(CLI::App& app, Chosen& chosen)
{
  auto files = std::make_shared<std::vector<std::string>>();
  auto* command = app.add_subcommand("verify", "Check that files are whole checkpoints");
  command->add_option("file", *files, "Checkpoints")->required();
  command->callback([files, &chosen] {
    chosen = [files] {
      int worst = good;
      for (const auto& path : *files)
        worst = std::max(worst, guarded("'" + path + "'", no, [&] { return verify(path); }));
      return worst;
    };
  });
}

}  // namespace cardan::tool
