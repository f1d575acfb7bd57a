#include "checkpoint/series.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>

namespace cardan::checkpoint {

namespace {

namespace fs = std::filesystem;

/// The number in `STEM.000012.h5`, followed by `tail`.
std::optional<std::int64_t> number_in(const std::string& name, const fs::path& base,
                                      const std::string& tail)
{
  const std::string head = base.stem().string() + ".";
  const std::string end = base.extension().string() + tail;
  if (name.size() <= head.size() + end.size() || name.compare(0, head.size(), head) != 0 ||
      name.compare(name.size() - end.size(), end.size(), end) != 0)
    return std::nullopt;
  const std::string digits = name.substr(head.size(), name.size() - head.size() - end.size());
  constexpr std::size_t most = 18;
  const auto digit = [](char letter) {
    return std::isdigit(static_cast<unsigned char>(letter)) != 0;
  };
  if (digits.size() > most || !std::all_of(digits.begin(), digits.end(), digit))
    return std::nullopt;
  return std::stoll(digits);
}

fs::path folder_of(const fs::path& base)
{
  return base.has_parent_path() ? base.parent_path() : fs::path(".");
}

}  // namespace

std::string part_of(const std::string& path)
{
  return path + ".part";
}

std::string table_of(const std::string& path)
{
  return path + ".writing";
}

std::string Series::path(std::int64_t sequence) const
{
  const fs::path base{base_};
  return (base.parent_path() /
          fmt::format("{}.{:06}{}", base.stem().string(), sequence, base.extension().string()))
      .string();
}

std::vector<std::int64_t> Series::numbers() const
{
  std::vector<std::int64_t> found;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder_of(base_), none))
    if (const auto number = number_in(entry.path().filename().string(), base_, ""))
      found.push_back(*number);
  std::sort(found.begin(), found.end());
  return found;
}

void Series::point_to(std::int64_t sequence) const
{
  std::error_code code;
  if (fs::exists(fs::symlink_status(base_, code)) && !fs::is_symlink(base_, code)) return;
  const std::string link = base_ + ".link";
  fs::remove(link, code);
  fs::create_symlink(fs::path(path(sequence)).filename(), link, code);
  if (!code) fs::rename(link, base_, code);
}

void Series::clear_unfinished() const
{
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder_of(base_), none)) {
    const std::string name = entry.path().filename().string();
    std::error_code ignored;
    for (const char* tail : {".part", ".writing", ".writing.new"})
      if (number_in(name, base_, tail)) fs::remove(entry.path(), ignored);
  }
}

void Series::expect_writable() const
{
  const std::string probe = base_ + ".probe";
  const int descriptor = ::open(probe.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor < 0) throw Error{std::strerror(errno)};
  ::close(descriptor);
  ::unlink(probe.c_str());
}

}  // namespace cardan::checkpoint
