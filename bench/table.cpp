#include "table.hpp"

#include <fmt/format.h>

#include <unistd.h>
#include <cstdio>

namespace bench {

namespace {

bool on_terminal()
{
  return isatty(STDERR_FILENO) != 0;
}

std::string print(const std::optional<Summary>& ratio)
{
  if (!ratio) return "";
  return fmt::format("{:7.3f} ({:.3f})", ratio->median, ratio->spread);
}

}  // namespace

void print_head()
{
  clear_progress();
  fmt::print("{:<11}{:<11}{:<7}{:<7}{:>9}{:>11}{:>9}  {:>16}{:>17}\n", "pattern", "transport",
             "mode", "ranks", "bytes", "time/step", "GB/s", "to limit (IQR)", "to raw put (IQR)");
}

void print_row(const Row& row)
{
  clear_progress();
  fmt::print("{:<11}{:<11}{:<7}{:<7}{:>9}{:>11}{:>9.3f}  {:>16}{:>17}\n", row.pattern,
             row.transport, row.mode, row.ranks, row.bytes, print_seconds(row.seconds),
             row.gigabytes, print(row.to_limit), print(row.to_raw));
  std::fflush(stdout);
}

std::string print_seconds(double seconds)
{
  if (seconds < 1e-3) return fmt::format("{:.3g} us", seconds * 1e6);
  if (seconds < 1) return fmt::format("{:.3g} ms", seconds * 1e3);
  return fmt::format("{:.3g} s", seconds);
}

void show_progress(const std::string& what)
{
  fmt::print(stderr, "{}{}{}", on_terminal() ? "\r\033[K" : "", what, on_terminal() ? "" : "\n");
  std::fflush(stderr);
}

void clear_progress()
{
  if (on_terminal()) fmt::print(stderr, "\r\033[K");
}

}  // namespace bench
