#include "tool/progress.hpp"

#include "tool/guard.hpp"
#include "tool/table.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <cstdio>
#include <utility>

namespace cardan::tool {

Progress::Progress(std::string what, std::int64_t bytes)
    : what_(std::move(what)), bytes_(bytes), terminal_(isatty(STDERR_FILENO) == 1)
{
  alive();
}

Progress::~Progress()
{
  if (shown_) std::fputs("\r\033[K", stderr);
}

void Progress::add(std::int64_t bytes)
{
  alive();
  done_ += bytes;
  const auto now = Clock::now();
  if (!terminal_ || now < next_) return;
  const double seconds = std::chrono::duration<double>(now - begin_).count();
  const double rate = static_cast<double>(done_) / seconds;
  const double left = static_cast<double>(bytes_ - done_) / rate;
  const std::string line =
      fmt::format("\r{}: {} of {}, {}/s, {:.0f} s left\033[K", what_, size_text(done_),
                  size_text(bytes_), size_text(static_cast<std::int64_t>(rate)), left);
  std::fputs(line.c_str(), stderr);
  shown_ = true;
  next_ = now + std::chrono::milliseconds(500);
}

}  // namespace cardan::tool
