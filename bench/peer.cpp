#include "peer.hpp"

#include <cardan/error.hpp>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <array>
#include <csignal>
#include <cstring>

namespace bench {

Peer::Peer(std::vector<std::string> command)
{
  std::array<int, 2> in{-1, -1};
  std::array<int, 2> out{-1, -1};
  // Closed in the child, but for the two ends that become its standard streams.
  if (pipe2(in.data(), O_CLOEXEC) != 0 || pipe2(out.data(), O_CLOEXEC) != 0)
    throw cardan::Error{"no pipe to " + command.front(), std::strerror(errno)};
  // One that ends early is heard of when it is listened to.
  std::signal(SIGPIPE, SIG_IGN);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  std::vector<char*> words;
  words.reserve(command.size() + 1);
  for (auto& word : command) words.push_back(word.data());
  words.push_back(nullptr);
  const int code = posix_spawnp(&process_, words.front(), &actions, nullptr, words.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(in[0]);
  close(out[1]);
  to_ = fdopen(in[1], "w");
  from_ = fdopen(out[0], "r");
  if (code != 0) process_ = -1;
}

Peer::~Peer()
{
  std::fclose(to_);
  std::fclose(from_);
  if (process_ > 0) waitpid(process_, nullptr, 0);
}

void Peer::tell(const std::string& line)
{
  std::fputs((line + "\n").c_str(), to_);
  std::fflush(to_);
}

std::optional<std::string> Peer::hear()
{
  std::string line;
  for (int letter = std::fgetc(from_); letter != '\n'; letter = std::fgetc(from_)) {
    if (letter == EOF) return std::nullopt;
    line.push_back(static_cast<char>(letter));
  }
  return line;
}

}  // namespace bench
