#include "support/draw.hpp"

#include <fmt/format.h>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <array>
#include <filesystem>

namespace miniapp {

void draw(const std::string& name, const std::string& folder)
{
  // Beside the program where it was installed, else in the source tree that it was built from.
  std::error_code none;
  auto script = std::filesystem::read_symlink("/proc/self/exe", none).parent_path() / name;
  if (!std::filesystem::exists(script, none)) script = std::filesystem::path(CARDAN_SCRIPTS) / name;
  std::string program = script.string();
  std::string argument = folder;
  std::array<char*, 3> arguments{program.data(), argument.data(), nullptr};
  pid_t child = 0;
  int status = -1;
  if (posix_spawn(&child, program.c_str(), nullptr, nullptr, arguments.data(), environ) == 0)
    waitpid(child, &status, 0);
  if (status != 0)
    fmt::print(
        stderr,
        "no pictures were drawn: {} did not succeed (python3 with h5py and matplotlib is needed)\n",
        program);
}

}  // namespace miniapp
