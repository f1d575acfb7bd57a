#include "archive/build_information.hpp"

#include "build_settings.hpp"

#include <cardan/archive.hpp>
#include <cardan/version.hpp>

#include <fmt/core.h>

#include <array>

namespace cardan {

namespace {

std::string fmt_version()
{
  return fmt::format("{}.{}.{}", FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100);
}

std::string mpi_version()
{
  std::array<char, MPI_MAX_LIBRARY_VERSION_STRING> text{};
  int length = 0;
  MPI_Get_library_version(text.data(), &length);
  std::string version(text.data());
  while (!version.empty() && (version.back() == '\n' || version.back() == ' ')) version.pop_back();
  return version;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> build_information()
{
  return {{"cardan", version},           {"git_commit", build::git_commit},
          {"compiler", build::compiler}, {"build_type", build::type},
          {"mpi", mpi_version()},        {"hdf5", archive::hdf5_version()},
          {"fmt", fmt_version()},        {"toml++", archive::toml_version()}};
}

}  // namespace cardan
