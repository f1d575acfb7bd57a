#include "handle.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <thread>
#include <vector>

namespace cardan::fortran {

namespace {

bool is_open(const Handle& handle)
{
  switch (handle.kind) {
    case Kind::session: return handle.session != nullptr;
    case Kind::surrogate: return handle.surrogate != nullptr;
    case Kind::channel: return handle.channel != nullptr;
    case Kind::service: return handle.service != nullptr;
    case Kind::steering: return handle.steering != nullptr;
    case Kind::archive: return handle.archive != nullptr;
  }
  return false;
}

// The lowest rank that fails speaks for all: a rank waits the longer the higher it is, and is ended
// while it waits.
[[noreturn]] void abort_job(const std::string& message)
{
  int begun = 0;
  int ended = 0;
  MPI_Initialized(&begun);
  MPI_Finalized(&ended);
  const bool alive = begun != 0 && ended == 0;
  int rank = 0;
  if (alive) MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  std::this_thread::sleep_for(std::chrono::milliseconds(150 * std::min(rank, 12)));
  std::fprintf(stderr, "cardan: rank %d: %s\n", rank, message.c_str());
  std::fflush(stderr);
  if (alive) MPI_Abort(MPI_COMM_WORLD, 1);
  std::abort();
}

}  // namespace

Handle* make(Kind kind)
{
  static auto* const kept = new std::vector<std::unique_ptr<Handle>>;
  kept->push_back(std::make_unique<Handle>(Handle{kind}));
  return kept->back().get();
}

Handle& opened(void* const* variable)
{
  auto* handle = static_cast<Handle*>(*variable);
  if (handle == nullptr)
    refuse("this variable is not open (it was never opened, or is closed already)");
  if (!is_open(*handle))
    refuse("this variable is closed (it was closed through another copy of it)");
  return *handle;
}

void report(const Failure& failure, int* stat, CFI_cdesc_t* errmsg)
{
  set_text(errmsg, failure.message);
  if (stat == nullptr) abort_job(failure.message);
  *stat = failure.status;
}

}  // namespace cardan::fortran
