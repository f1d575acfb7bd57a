// What stands around an asset.
#include <cardan/cardan.hpp>

#include <cstdint>
#include <vector>

struct Asset {
  std::vector<double>& observe(const std::vector<std::int32_t>& sites);
  void advance(double control);
  void be_careful(std::int64_t age);
};
void run(cardan::Session& session, Asset& asset, std::int64_t cycles);

void run(cardan::Session& session, Asset& asset, std::int64_t cycles)
{
  std::vector<std::int32_t> sites(20);
  double control = 0;
  // The block.
}
