// What stands around a pipeline.
#include <cardan/cardan.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

struct Library {
  void write(std::int64_t candidate, float* composition) const;
  void mark(std::int64_t candidate);
};
struct Solved {
  double strength = 0;
  double error = 0;
};
struct Solver {
  Solved coarse(std::int64_t candidate);
  Solved fine(std::int64_t candidate);
};
void screen(cardan::Session& session, Library& library, Solver& solver);

void screen(cardan::Session& session, Library& library, Solver& solver)
{
  // The block.
}
