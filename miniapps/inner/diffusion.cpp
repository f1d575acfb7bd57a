#include "diffusion.hpp"

#include <algorithm>
#include <cmath>

namespace inner {
namespace {

// A cell keeps 1 - 4 number of itself. Stability wants number <= 1/4, which also keeps every value
// within those of its neighbours, hence positive; below 1/5 the shortest waves do not alternate.
constexpr double largest_number = 0.2;

}  // namespace

DiffusionPlan plan_diffusion(const std::array<double, species>& diffusivity, double edge, double dt)
{
  const double most = *std::max_element(diffusivity.begin(), diffusivity.end());
  const double whole = most * dt / (edge * edge);
  const double parts = std::ceil(whole / largest_number);
  DiffusionPlan plan{static_cast<std::size_t>(parts), {}};
  if (plan.parts > 0) {
    for (std::size_t each = 0; each < species; ++each) {
      plan.number[each] = diffusivity[each] * (dt / parts) / (edge * edge);
    }
  }
  return plan;
}

void pad(std::span<const double> block, std::array<std::size_t, 2> count, std::span<double> padded)
{
  const std::size_t row = count[1] * species;
  for (std::size_t iy = 0; iy < count[0]; ++iy) {
    std::copy_n(&block[iy * row], row, &padded[(iy + 1) * (row + 2 * species) + species]);
  }
}

// Written as differences of fluxes: the two cells that share a face compute the same flux from the
// same two values, so what one loses the other gains, and the order of operations does not depend
// on where the blocks are cut.
void spread(std::span<const double> padded, std::array<std::size_t, 2> count,
            const std::array<double, species>& number, std::span<double> block)
{
  const std::size_t row = count[1] * species;
  const std::size_t padded_row = row + 2 * species;
  for (std::size_t iy = 0; iy < count[0]; ++iy) {
    const double* middle = &padded[(iy + 1) * padded_row + species];
    const double* north = middle + padded_row;
    const double* south = middle - padded_row;
    double* result = &block[iy * row];
    for (std::size_t ix = 0; ix < row; ix += species) {
      for (std::size_t each = 0; each < species; ++each) {
        const std::size_t at = ix + each;
        const double here = middle[at];
        const double x = (middle[at + species] - here) - (here - *(middle + at - species));
        const double y = (north[at] - here) - (here - south[at]);
        result[at] = here + number[each] * (x + y);
      }
    }
  }
}

}  // namespace inner
