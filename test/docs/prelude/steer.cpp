// What stands around a step that is steered.
#include <cardan/cardan.hpp>

void log_decision(const cardan::DecisionStamp& stamp);
void run(cardan::Steering& control, const cardan::Field& state, const cardan::Field& forcing);

void run(cardan::Steering& control, const cardan::Field& state, const cardan::Field& forcing)
{
  // The block.
}
