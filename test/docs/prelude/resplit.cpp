// What stands around a run whose ranks are split anew.
#include <cardan/cardan.hpp>

struct Solver {
  explicit Solver(MPI_Comm comm);
  cardan::Field state();
  cardan::Box box();
  void initialise();
  void advance(std::int64_t step, cardan::Surrogate& model);
  bool waits_for_training();
  void report();
};
int start(int argc, char** argv);

int start(int argc, char** argv)
{
  // The block.
}
