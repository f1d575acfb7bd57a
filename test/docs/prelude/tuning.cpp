// What stands around a tuning.
#include <cardan/cardan.hpp>

#include <cstdint>

struct Solver {
  void run_another();
  cardan::Field state() const;
  cardan::Field slope() const;
  cardan::Field answer();
  void note(double loss, std::int64_t epochs);
};
void tune(cardan::Session& session, Solver& solver, bool first);

void tune(cardan::Session& session, Solver& solver, bool first)
{
  // The block.
}
