/// Another program that is measured in turns: told on its standard input, heard on its output.
#pragma once

#include <sys/types.h>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

namespace bench {

class Peer {
 public:
  /// Starts it; not collective.
  explicit Peer(std::vector<std::string> command);
  /// Ends its input and waits for it.
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  void tell(const std::string& line);
  /// The next line that it says; blocks. Empty when it has ended.
  std::optional<std::string> hear();

 private:
  pid_t process_ = -1;
  std::FILE* to_ = nullptr;
  std::FILE* from_ = nullptr;
};

}  // namespace bench
