#include "json_lines.hpp"

#include <cardan/error.hpp>

#include <nlohmann/json.hpp>

namespace bench {

JsonLines::JsonLines(MPI_Comm comm, const std::string& path)
{
  int rank = 0;
  MPI_Comm_rank(comm, &rank);
  if (rank == 0 && !path.empty()) file_.open(path);
  int good = file_.good() ? 1 : 0;
  MPI_Bcast(&good, 1, MPI_INT, 0, comm);
  good_ = good != 0;
}

void JsonLines::add(const nlohmann::json& line)
{
  if (!file_.is_open()) return;
  file_ << line.dump() << std::endl;
  if (!file_) throw cardan::Error("a result could not be written to the JSON file");
}

}  // namespace bench
