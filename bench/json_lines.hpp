/// Results for programs: one JSON object a line.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <mpi.h>

#include <fstream>
#include <string>

namespace bench {

class JsonLines {
 public:
  /// Collective over `comm`; the first rank opens the file, an empty path opens none.
  JsonLines(MPI_Comm comm, const std::string& path);
  /// The same on all ranks: false where the file cannot be written.
  [[nodiscard]] bool good() const { return good_; }
  /// Writes where a file is open.
  void add(const nlohmann::json& line);

 private:
  std::ofstream file_;
  bool good_ = true;
};

}  // namespace bench
