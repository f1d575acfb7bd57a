#include "strip.hpp"

#include "spin_random.hpp"

#include <stdexcept>
#include <string>

namespace adapt {

namespace {

double drawn(Couplings couplings, SpinRandom& random)
{
  switch (couplings) {
    case Couplings::signs: return random.uniform() < 0.5 ? -1 : 1;
    case Couplings::gaussian: return random.gaussian();
    case Couplings::ferromagnet: return 1;
  }
  return 1;
}

}  // namespace

Strip::Strip(const StripShape& shape, std::uint64_t seed) : shape_(shape)
{
  if (shape.length < 1 || shape.width < 1 || (shape.periodic && shape.length < 3))
    throw std::invalid_argument("a strip of " + std::to_string(shape.length) + " x " +
                                std::to_string(shape.width) +
                                " sites (needs one at least, and a ring three columns)");
  along_.assign(static_cast<std::size_t>(shape.sites()), 0);
  across_ = along_;
  SpinRandom random{seed, SpinPurpose::couplings};
  for (std::int64_t x = 0; x < shape.length; ++x)
    for (std::int64_t y = 0; y < shape.width; ++y) {
      const auto site = static_cast<std::size_t>(x * shape.width + y);
      if (x + 1 < shape.length || shape.periodic) along_[site] = drawn(shape.couplings, random);
      if (y + 1 < shape.width) across_[site] = drawn(shape.couplings, random);
    }
}

double Strip::energy(std::span<const Spin> spins) const
{
  const auto width = static_cast<std::size_t>(shape_.width);
  const std::size_t sites = spins.size();
  double sum = 0;
  for (std::size_t site = 0; site < sites; ++site) {
    const std::size_t next = site + width < sites ? site + width : site + width - sites;
    sum += along_[site] * spins[site] * spins[next];
    if (site + 1 < sites) sum += across_[site] * spins[site] * spins[site + 1];
  }
  return -sum;
}

}  // namespace adapt
