#include "tool/guard.hpp"

#include <cardan/error.hpp>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <iostream>
#include <new>

namespace cardan::tool {

namespace {

/// Seconds of computing without progress.
constexpr rlim_t patience = 60;
constexpr rlim_t least_memory = rlim_t{1} << 30;

std::string at_most_one_line(std::string text)
{
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

/// The child's address space may grow by half of the machine's memory.
void limit_memory()
{
  rlim_t pages = 0;
  if (std::FILE* file = std::fopen("/proc/self/statm", "r")) {
    unsigned long size = 0;
    if (std::fscanf(file, "%lu", &size) == 1) pages = size;
    std::fclose(file);
  }
  const auto page = static_cast<rlim_t>(sysconf(_SC_PAGESIZE));
  const rlim_t half = static_cast<rlim_t>(sysconf(_SC_PHYS_PAGES)) * page / 2;
  rlimit limit{};
  getrlimit(RLIMIT_AS, &limit);
  limit.rlim_cur = std::min(limit.rlim_max, pages * page + std::max(half, least_memory));
  setrlimit(RLIMIT_AS, &limit);
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
}

int attempt(const std::function<int()>& work)
{
  std::string reason;
  try {
    const int status = work();
    flush();
    return status;
  } catch (const std::bad_alloc&) {
    reason = "out of memory (the file is damaged, or one of its chunks is too large)";
  } catch (const std::exception& error) {
    reason = at_most_one_line(error.what());
  }
  std::cerr << "cardan: " << reason << std::endl;
  return trouble;
}

int wait_for(pid_t child)
{
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

}  // namespace

void alive()
{
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  rlimit limit{};
  getrlimit(RLIMIT_CPU, &limit);
  limit.rlim_cur = std::min(
      limit.rlim_max, static_cast<rlim_t>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + patience);
  setrlimit(RLIMIT_CPU, &limit);
}

int guarded(const std::string& what, int damaged, const std::function<int()>& work)
{
  std::cout.flush();
  std::fflush(nullptr);
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0) throw Error{"cannot start a process", std::strerror(errno)};
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(trouble);
    for (const int crash : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) signal(crash, SIG_DFL);
    limit_memory();
    alive();
    _exit(attempt(work));
  }
  const int status = wait_for(child);
  if (WIFEXITED(status)) return WEXITSTATUS(status);
  const int crash = WTERMSIG(status);
  if (crash == SIGINT || crash == SIGTERM || crash == SIGHUP) return trouble;
  std::cerr << "cardan: " << what << " is damaged ("
            << (crash == SIGXCPU ? "reading it does not end"
                                 : std::string("reading it ends in: ") + strsignal(crash))
            << ")" << std::endl;
  return damaged;
}

namespace {
void expect_written(bool fine)
{
  if (!fine) throw Error{"cannot write to standard output", std::strerror(errno)};
}
}  // namespace

void print(const std::string& text)
{
  expect_written(std::fwrite(text.data(), 1, text.size(), stdout) == text.size());
}

void flush()
{
  expect_written(std::fflush(stdout) == 0);
}

}  // namespace cardan::tool
