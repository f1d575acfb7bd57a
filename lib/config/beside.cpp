#include "config/beside.hpp"

#include <filesystem>

namespace cardan {

std::string find_beside(const Config& table, const std::string& path)
{
  const std::filesystem::path given{path};
  if (given.is_absolute()) return path;
  const auto folder = std::filesystem::path(table.name()).parent_path();
  std::error_code code;
  for (const auto& start :
       {folder.empty() ? std::filesystem::path(".") : folder, std::filesystem::path(".")})
    if (std::filesystem::exists(start / given, code)) return (start / given).string();
  return path;
}

}  // namespace cardan
