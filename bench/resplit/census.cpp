#include "census.hpp"

#include <fmt/format.h>
#include <mpi.h>

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

namespace bench {

namespace {

namespace fs = std::filesystem;

template <class Entries>
std::int64_t count(const fs::path& folder)
{
  std::error_code problem;
  std::int64_t found = 0;
  for (auto each = Entries{folder, problem}; !problem && each != Entries{}; each.increment(problem))
    ++found;
  return found;
}

std::int64_t lines(const char* file)
{
  std::ifstream in{file};
  return std::count(std::istreambuf_iterator<char>{in}, {}, '\n');
}

std::int64_t resident_kib()
{
  std::ifstream in{"/proc/self/statm"};
  std::int64_t size = 0;
  std::int64_t resident = 0;
  in >> size >> resident;
  return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

/// Files of this job: those in its session folder, and those in /dev/shm that bear its number.
std::int64_t shared_files()
{
  std::int64_t found = 0;
  if (const char* session = std::getenv("PMIX_SERVER_TMPDIR"))
    found += count<fs::recursive_directory_iterator>(session);
  const char* space = std::getenv("PMIX_NAMESPACE");
  char* end = nullptr;
  const auto number = space != nullptr ? std::strtoull(space, &end, 10) : 0;
  const bool numbered = number != 0 && *end == '\0';
  std::error_code problem;
  fs::directory_iterator each{"/dev/shm", problem};
  for (; !problem && each != fs::directory_iterator{}; each.increment(problem))
    if (!numbered ||
        each->path().filename().string().find(fmt::format("{:x}", number)) != std::string::npos)
      ++found;
  return found;
}

/// The lowest number that MPI has free for a handle.
std::int64_t free_communicator()
{
  MPI_Comm copy = MPI_COMM_NULL;
  PMPI_Comm_dup(MPI_COMM_SELF, &copy);
  const auto number = MPI_Comm_c2f(copy);
  PMPI_Comm_free(&copy);
  return number;
}

std::int64_t free_datatype()
{
  MPI_Datatype copy = MPI_DATATYPE_NULL;
  MPI_Type_dup(MPI_INT, &copy);
  const auto number = MPI_Type_c2f(copy);
  MPI_Type_free(&copy);
  return number;
}

std::int64_t free_group()
{
  MPI_Group world = MPI_GROUP_NULL;
  MPI_Comm_group(MPI_COMM_WORLD, &world);
  MPI_Group copy = MPI_GROUP_NULL;
  const int first = 0;
  MPI_Group_incl(world, 1, &first, &copy);
  const auto number = MPI_Group_c2f(copy);
  MPI_Group_free(&copy);
  MPI_Group_free(&world);
  return number;
}

}  // namespace

Census census(std::int64_t windows, std::int64_t communicators)
{
  return {windows,
          communicators,
          free_communicator(),
          free_datatype(),
          free_group(),
          count<fs::directory_iterator>("/proc/self/fd"),
          lines("/proc/self/maps"),
          shared_files(),
          resident_kib()};
}

Census larger(const Census& a, const Census& b)
{
  Census result{};
  for (std::size_t i = 0; i < result.size(); ++i) result[i] = std::max(a[i], b[i]);
  return result;
}

}  // namespace bench
