#include "support/progress.hpp"

#include <fmt/format.h>
#include <mpi.h>

#include <unistd.h>
#include <cstdio>

namespace miniapp {

Progress::Progress(std::string what, std::int64_t total, bool speaks, std::string unit)
    : what_(std::move(what)),
      total_(total),
      speaks_(speaks),
      unit_(std::move(unit)),
      terminal_(isatty(STDERR_FILENO) != 0),
      begin_(MPI_Wtime())
{}

void Progress::step(std::int64_t done, const std::string& note)
{
  if (!speaks_) return;
  const double now = MPI_Wtime() - begin_;
  const bool last = done == total_;
  const bool tenth = done * 10 / total_ != (done - 1) * 10 / total_;
  if (!last && (terminal_ ? now - shown_ < 0.2 : !tenth)) return;
  shown_ = now;
  const std::string line =
      fmt::format("{:<12} {:>5}/{} steps  {:6.1f} s  {}", what_, done, total_, now, note);
  fmt::print(stderr, "{}{}{}", terminal_ ? "\r\033[K" : "", line, terminal_ && !last ? "" : "\n");
  std::fflush(stderr);
}

}  // namespace miniapp
