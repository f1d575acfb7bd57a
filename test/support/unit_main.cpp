// The main of tests on one rank; MPI is there for those that need a communicator of one.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <mpi.h>

int main(int argc, char** argv)
{
  int provided = 0;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
  doctest::Context context{argc, argv};
  const int failed = context.run();
  MPI_Finalize();
  return failed;
}
