#include "provenance/files.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

namespace cardan::provenance {

namespace {

[[noreturn]] void fail(const std::string& path)
{
  throw Error{"cannot write '" + path + "'", std::strerror(errno)};
}

/// Writes all of a text to a new file or an old one's end, and closes it.
void put(const std::string& path, int flags, const std::string& text)
{
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0666);
  if (file < 0) fail(path);
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t count = ::write(file, text.data() + done, text.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      ::close(file);
      fail(path);
    }
    done += static_cast<std::size_t>(count);
  }
  if (::close(file) != 0) fail(path);
}

}  // namespace

void write_whole(const std::string& path, const std::string& text)
{
  const std::string part = path + "." + std::to_string(::getpid()) + ".part";
  try {
    put(part, O_TRUNC, text);
    if (std::rename(part.c_str(), path.c_str()) != 0) fail(path);
  } catch (const Error&) {
    std::error_code ignored;
    std::filesystem::remove(part, ignored);
    throw;
  }
}

std::string read_whole(const std::string& path)
{
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void append(const std::string& path, const std::string& text)
{
  put(path, O_APPEND, text);
}

std::string set_aside(const std::string& path) noexcept
{
  try {
    namespace fs = std::filesystem;
    const fs::path file = path;
    if (!fs::exists(file)) return {};
    for (int number = 1;; ++number) {
      fs::path other = file;
      other.replace_extension(fmt::format(".{}{}", number, file.extension().string()));
      if (fs::exists(other)) continue;
      fs::rename(file, other);
      return other.string();
    }
  } catch (const std::exception&) {
    return {};
  }
}

void expect_room(const std::string& folder, std::size_t bytes)
{
  std::error_code code;
  const auto space = std::filesystem::space(folder, code);
  if (!code && space.available < bytes)
    throw Error{"'" + folder + "' has room for " + std::to_string(space.available) + " bytes",
                std::to_string(bytes) + " are needed"};
}

}  // namespace cardan::provenance
