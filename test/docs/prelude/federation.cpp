// What stands around a federation.
#include <cardan/cardan.hpp>

#include <vector>

struct Material {
  void advance();
  cardan::Field strain() const;
  cardan::Field stress() const;
  cardan::Field answer();
};
void learn(cardan::Session& session, Material& solver);

void learn(cardan::Session& session, Material& solver)
{
  // The block.
}
