/// The cells of a system that is spread over ranks, beside the same cells of it on one.
#pragma once

#include "system.hpp"

#include <cstdint>
#include <cstring>

namespace reduce::test {

/// The part's numbers that differ in any bit from the same cells of `whole`.
inline std::int64_t differing(const View& part_view, const Part& part, const View& whole)
{
  std::int64_t count = 0;
  for (int c = 0; c < part_view.components; ++c)
    for (std::int64_t z = 0; z < part.count[0]; ++z)
      for (std::int64_t y = 0; y < part.count[1]; ++y) {
        const double* own =
            part_view.data + c * part_view.component + z * part_view.plane + y * part_view.row;
        const double* other = whole.data + c * whole.component +
                              (z + part.offset[0]) * whole.plane +
                              (y + part.offset[1]) * whole.row + part.offset[2];
        for (std::int64_t x = 0; x < part.count[2]; ++x)
          count += std::memcmp(own + x, other + x, sizeof(double)) == 0 ? 0 : 1;
      }
  return count;
}

/// Steps the same system on all ranks and on each alone; counts what differs after it.
inline std::int64_t differing_after(const SystemSettings& settings, int steps)
{
  const auto spread = make_system(MPI_COMM_WORLD, settings);
  const auto alone = make_system(MPI_COMM_SELF, settings);
  for (int step = 0; step < steps; ++step) {
    if (step == steps / 2) {
      spread->change();
      alone->change();
    }
    spread->step();
    alone->step();
  }
  return differing(spread->view(), spread->part(), alone->view());
}

}  // namespace reduce::test
