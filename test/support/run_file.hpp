/// Run files of tests: written by one rank, read by all, taken away at the end.
#pragma once

#include <mpi.h>

#include <cstdio>
#include <fstream>
#include <string>

namespace test {

inline int rank_in(MPI_Comm comm)
{
  int value = 0;
  MPI_Comm_rank(comm, &value);
  return value;
}

inline int size_of(MPI_Comm comm)
{
  int value = 0;
  MPI_Comm_size(comm, &value);
  return value;
}

/// Collective over `comm`, at its begin and its end. The name differs for each size and first rank
/// of a communicator, so that runs side by side in one folder do not meet.
class RunFile {
 public:
  RunFile(MPI_Comm comm, const std::string& what, const std::string& text) : comm_(comm)
  {
    int first = rank_in(MPI_COMM_WORLD);
    MPI_Bcast(&first, 1, MPI_INT, 0, comm);
    name_ = what + "_test_" + std::to_string(size_of(MPI_COMM_WORLD)) + "_" +
            std::to_string(first) + ".toml";
    if (rank_in(comm) == 0) std::ofstream{name_} << text;
    MPI_Barrier(comm);
  }
  ~RunFile()
  {
    MPI_Barrier(comm_);
    if (rank_in(comm_) == 0) std::remove(name_.c_str());
  }
  RunFile(const RunFile&) = delete;
  RunFile& operator=(const RunFile&) = delete;
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  MPI_Comm comm_;
  std::string name_;
};

/// `[run]`, `[ranks]` and one surrogate after the other, each with a small model and a gate that
/// trusts everything.
inline std::string quiet_run(int ml, const std::string& more = "")
{
  return "[run]\nquiet = true\ndeadline = \"30 s\"\n[ranks]\nml = { count = " + std::to_string(ml) +
         " }\n" + more;
}

inline std::string surrogate(
    const std::string& name, const std::string& keys = "late = \"wait\"\n",
    const std::string& training = "batch = 32\nwarmup = 32\npublish = { every = 5 }\n")
{
  return "[surrogate." + name +
         "]\ninputs = [\"x\"]\noutputs = [\"y\"]\ntrust = { gate = \"none\" }\n" + keys +
         (keys.find("model") == std::string::npos
              ? "model = { kind = \"mlp\", hidden = [8], members = 2 }\n"
              : "") +
         "[training." + name + "]\n" + training;
}

}  // namespace test
