// What stands around a reduction.
#include <cardan/cardan.hpp>

#include <cstdint>
#include <vector>

constexpr std::int64_t ny = 64;
constexpr std::int64_t nx = 64;
void advance(std::vector<double>& uv);
void report(std::int64_t raw, std::int64_t moved, double of_bound);
void simulate(cardan::Session& session, std::vector<double>& uv, std::int64_t y0, std::int64_t x0);

void simulate(cardan::Session& session, std::vector<double>& uv, std::int64_t y0, std::int64_t x0)
{
  // The block.
}
