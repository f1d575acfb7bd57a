/// Notices, on standard error: the library never writes to standard output.
#pragma once

#include <string>

namespace cardan {

/// One line, written at once so that ranks do not mix.
void log_line(const std::string& line);

template <class... Parts>
void log(const Parts&... parts)
{
  std::string line = "cardan: ";
  (line.append(parts), ...);
  log_line(line);
}

}  // namespace cardan
