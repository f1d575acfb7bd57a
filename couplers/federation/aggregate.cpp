#include "couplers/federation/aggregate.hpp"

namespace cardan::federation {

// The change is summed first: one update of weight 1 is added as it is.
void average(std::span<double> global, std::span<const Update> updates)
{
  double weights = 0;
  for (const Update& update : updates) weights += update.weight;
  if (!(weights > 0)) return;
  std::vector<double> sum(global.size(), 0.0);
  for (const Update& update : updates)
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += update.weight * update.change[i];
  for (std::size_t i = 0; i < sum.size(); ++i) global[i] += sum[i] / weights;
}

void blend(std::span<double> global, std::span<const double> base, std::span<const double> change,
           double share)
{
  for (std::size_t i = 0; i < global.size(); ++i)
    global[i] += share * (base[i] + change[i] - global[i]);
}

}  // namespace cardan::federation
