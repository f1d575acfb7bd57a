#include "mpi/comm.hpp"
#include "session/implementation.hpp"
#include "support/log.hpp"

#include <cardan/error.hpp>
#include <cardan/run.hpp>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <thread>

namespace cardan {

namespace {

/// MPI for the time of a run, unless the caller has it already.
class Environment {
 public:
  Environment()
  {
    int initialized = 0;
    MPI_Initialized(&initialized);
    if (initialized != 0) return;
    int provided = 0;
    MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided);
    owned_ = true;
  }
  ~Environment()
  {
    if (owned_) MPI_Finalize();
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  bool owned_ = false;
};

/// An error that only this rank has: the others wait for it and would for ever. The lowest rank
/// that fails speaks for all: a rank waits the longer the higher it is, and is ended while it
/// waits.
[[noreturn]] void end_job(const char* message)
{
  const int rank = mpi::rank(MPI_COMM_WORLD);
  std::this_thread::sleep_for(std::chrono::milliseconds(150 * std::min(rank, 12)));
  log("rank ", std::to_string(rank), ": ", message);
  MPI_Abort(MPI_COMM_WORLD, 1);
  std::abort();
}

/// An error of this rank alone ends the job before its session ends: ML ranks that are told of the
/// failure would finalise MPI while the job is being aborted, which Open MPI 4.1's mpirun now and
/// then does not survive.
void run_simulation(Session& session, const std::function<void(Session&)>& body)
{
  const auto note = [&](const std::exception& error, Reach reach) {
    session.implementation().provenance->failed(error.what(), reach);
  };
  try {
    body(session);
  } catch (const Error& error) {
    note(error, error.reach());
    if (error.reach() == Reach::local) end_job(error.what());
    throw;
  } catch (const std::exception& error) {
    note(error, Reach::local);
    end_job(error.what());
  }
}

int run_body(const std::string& run_file, const SessionOptions& options,
             const std::function<void(Session&)>& body)
{
  bool speaks = mpi::rank(MPI_COMM_WORLD) == 0;
  try {
    Session session{MPI_COMM_WORLD, run_file, options};
    do {
      speaks = !session.serves() && mpi::rank(session.comm()) == 0;
      if (!session.serves())
        run_simulation(session, body);
      else if (const int status = session.serve(); status != 0)
        return status;
    } while (session.follow_split());
    if (session.serves()) return 0;
    // A run whose last checkpoint is missing has not done all that it was asked for.
    return session.finish_checkpoints() ? 0 : 1;
  } catch (const Error& error) {
    if (error.reach() == Reach::local) end_job(error.what());
    if (speaks) log(error.what());
    return 1;
  } catch (const std::exception& error) {
    end_job(error.what());
  }
}

}  // namespace

int run(const std::string& run_file, const SessionOptions& options,
        const std::function<void(Session&)>& body)
{
  const Environment environment;
  return run_body(run_file, options, body);
}

int run(int argc, char** argv, const std::function<void(Session&)>& body)
{
  const Environment environment;
  if (argc < 2) {
    if (mpi::rank(MPI_COMM_WORLD) == 0)
      log("no run file is given. Usage: ", argc > 0 ? argv[0] : "program",
          " RUN_FILE [--restart FILE|latest] [--replay LOG]");
    return 2;
  }
  SessionOptions options;
  for (int i = 2; i + 1 < argc; ++i) {
    if (std::string_view{argv[i]} == "--replay") options.replay = argv[i + 1];
    if (std::string_view{argv[i]} == "--restart") options.restart = argv[i + 1];
  }
  return run_body(argv[1], options, body);
}

}  // namespace cardan
