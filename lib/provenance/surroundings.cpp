#include "provenance/surroundings.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <string_view>

namespace cardan::provenance {

namespace {

constexpr std::array families = {"OMP_",    "OMPI_", "PMIX_MCA_", "PRTE_MCA_", "CARDAN_",
                                 "KOKKOS_", "HDF5_", "UCX_",      "GOMP_"};
constexpr std::array single = {"CUDA_VISIBLE_DEVICES",
                               "HIP_VISIBLE_DEVICES",
                               "ROCR_VISIBLE_DEVICES",
                               "ZE_AFFINITY_MASK",
                               "OPENBLAS_NUM_THREADS",
                               "MKL_NUM_THREADS",
                               "MKL_CBWR",
                               "LD_PRELOAD",
                               "SLURM_JOB_ID",
                               "SLURM_JOB_NAME",
                               "SLURM_JOB_NUM_NODES",
                               "SLURM_NTASKS",
                               "SLURM_CLUSTER_NAME",
                               "PBS_JOBID",
                               "LSB_JOBID",
                               "FLUX_JOB_ID"};

/// What a launcher tells its processes: addresses, ports and numbers of this one start.
bool is_launchers(std::string_view name, std::string_view value)
{
  for (const auto* word : {"orte_", "ess_", "prte_", "prrte_", "OMPI_COMM_WORLD", "OMPI_UNIVERSE",
                           "OMPI_APP_CTX", "OMPI_FILE_LOCATION", "OMPI_ARGV", "OMPI_COMMAND",
                           "OMPI_FIRST_RANKS", "OMPI_NUM_APP", "_uri", "_jobid", "_vpid"})
    if (name.find(word) != std::string_view::npos) return true;
  return value.find("://") != std::string_view::npos;
}

bool matters(std::string_view name)
{
  return std::find(single.begin(), single.end(), name) != single.end() ||
         std::any_of(families.begin(), families.end(), [&](std::string_view family) {
           return name.substr(0, family.size()) == family;
         });
}

}  // namespace

std::vector<std::string> command_line()
{
  std::vector<std::string> words;
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  for (std::string word; std::getline(file, word, '\0');) words.push_back(word);
  return words;
}

std::map<std::string, std::string> environment()
{
  std::map<std::string, std::string> found;
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
    const std::string_view text{*variable};
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    const auto name = text.substr(0, equals);
    const auto value = text.substr(equals + 1);
    if (matters(name) && !is_launchers(name, value)) found.emplace(name, value);
  }
  return found;
}

std::string now()
{
  const auto time = std::chrono::system_clock::now().time_since_epoch();
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
  const auto seconds = static_cast<std::time_t>(milliseconds / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 40> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text.data() + length, text.size() - length, ".%03dZ",
                static_cast<int>(milliseconds % 1000));
  return text.data();
}

}  // namespace cardan::provenance
