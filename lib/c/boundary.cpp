#include "c/boundary.hpp"

#include <new>

namespace cardan::c {

namespace {

struct Message {
  std::string text;
};

Message& message() noexcept
{
  thread_local Message last;
  return last;
}

void remember(const char* text) noexcept
{
  try {
    message().text = text;
  } catch (...) {
    message().text.clear();
  }
}

}  // namespace

cardan_status caught() noexcept
{
  try {
    throw;
  } catch (const Misuse& error) {
    remember(error.what());
    return CARDAN_MISUSE;
  } catch (const Late& error) {
    remember(error.what());
    return CARDAN_LATE;
  } catch (const Error& error) {
    remember(error.what());
    return error.reach() == Reach::everywhere ? CARDAN_ERROR_EVERYWHERE : CARDAN_ERROR;
  } catch (const std::bad_alloc&) {
    remember("out of memory");
    return CARDAN_ERROR;
  } catch (const std::exception& error) {
    remember(error.what());
    return CARDAN_ERROR;
  } catch (...) {
    remember("an exception of an unknown kind");
    return CARDAN_ERROR;
  }
}

void keep_for_ever(std::unique_ptr<Ending> ending)
{
  static auto* const kept = new std::vector<std::unique_ptr<Ending>>;
  kept->push_back(std::move(ending));
}

void refuse_null(const char* what)
{
  throw Misuse{std::string("this ") + what + " is not open",
               "its handle is null: it was never opened, or is closed already"};
}

void refuse_closed(const char* what)
{
  throw Misuse{std::string("this ") + what + " is closed",
               "it was closed through another copy of its handle, or with its session"};
}

std::string text_of(const char* text, const char* argument)
{
  return &needed(text, argument);
}

MPI_Comm comm_of(MPI_Fint comm)
{
  int begun = 0;
  int ended = 0;
  MPI_Initialized(&begun);
  MPI_Finalized(&ended);
  return begun != 0 && ended == 0 ? MPI_Comm_f2c(comm) : MPI_COMM_NULL;
}

void check_mpi(MPI_Comm comm)
{
  int begun = 0;
  int ended = 0;
  MPI_Initialized(&begun);
  MPI_Finalized(&ended);
  if (begun == 0) throw Misuse{"MPI is not initialised", "", "Call MPI_Init_thread first."};
  if (ended != 0) throw Misuse{"MPI is finalised already"};
  if (comm == MPI_COMM_NULL) throw Misuse{"the communicator is MPI_COMM_NULL"};
  // What MPI gives for a number that no Fortran communicator has.
  if (comm == MPI_Comm{}) throw Misuse{"this is no communicator"};
}

}  // namespace cardan::c

const char* cardan_last_error(void)
{
  return cardan::c::message().text.c_str();
}

const char* cardan_status_name(cardan_status status)
{
  switch (status) {
    case CARDAN_OK: return "ok";
    case CARDAN_ERROR: return "error";
    case CARDAN_ERROR_EVERYWHERE: return "error on all ranks";
    case CARDAN_LATE: return "late";
    case CARDAN_MISUSE: return "misuse";
  }
  return "unknown";
}
