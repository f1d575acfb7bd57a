#include "support/log.hpp"

#include <cstdio>

namespace cardan {

void log_line(const std::string& line)
{
  const std::string whole = line + "\n";
  std::fwrite(whole.data(), 1, whole.size(), stderr);
}

}  // namespace cardan
