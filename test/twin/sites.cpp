// Which sites are looked at, on any number of ranks.
#include "sites.hpp"

#include "observation.hpp"
#include "random.hpp"

#include <doctest/doctest.h>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <set>
#include <stdexcept>
#include <vector>

using twin::choose_sites;
using twin::Ensemble;
using twin::SiteRule;
using twin::SiteSettings;

namespace {

// Independent sites, but 4 and 5, which move together; spread 1, 2, ... up to site 7, then down.
Ensemble sample(MPI_Comm comm, std::size_t members = 200)
{
  Ensemble ensemble(comm, members, 12);
  for (std::size_t i = 0; i < ensemble.count(); ++i) {
    twin::Random random(1, twin::Purpose::members, 0,
                        static_cast<std::int64_t>(ensemble.first() + i));
    const auto member = ensemble.member(i);
    for (std::size_t k = 0; k < 12; ++k) {
      const double spread = k <= 7 ? static_cast<double>(k) + 1 : 14 - static_cast<double>(k);
      member[k] = 3 + spread * random.gaussian();
    }
    member[5] = 3 + (member[4] - 3) * 6.0 / 5;
  }
  return ensemble;
}

}  // namespace

TEST_CASE("the rules for sites")
{
  Ensemble ensemble = sample(MPI_COMM_WORLD);
  CHECK(choose_sites({SiteRule::fixed, 4}, ensemble, 9) == std::vector<int>{0, 3, 6, 9});
  CHECK(choose_sites({SiteRule::fixed, 5}, ensemble, 9) == std::vector<int>{0, 2, 4, 7, 9});

  // Spreads: 8 at site 7, 7 at 6, 6 at 5 and 8, 5 at 9 and 4, 4 at 3 and 10.
  CHECK(choose_sites({SiteRule::spread, 2, 1}, ensemble, 0) == std::vector<int>{6, 7});
  CHECK(choose_sites({SiteRule::spread, 2, 2}, ensemble, 0) == std::vector<int>{5, 7});
  CHECK(choose_sites({SiteRule::spread, 2, 4}, ensemble, 0) == std::vector<int>{3, 7});
  // There is no room for four that are five apart: the distance shrinks.
  CHECK(choose_sites({SiteRule::spread, 4, 5}, ensemble, 0).size() == 4);
  CHECK(choose_sites({SiteRule::spread, 12, 3}, ensemble, 0).size() == 12);

  // 4 and 5 together tell more than 7 alone; after one of them the other tells nothing.
  SiteSettings best{SiteRule::reduction, 1};
  best.deviation = 0.1;
  const auto first = choose_sites(best, ensemble, 0);
  CHECK(first == std::vector<int>{7});
  best.count = 3;
  const auto three = choose_sites(best, ensemble, 0);
  CHECK(std::ranges::count(three, 7) == 1);
  CHECK(std::ranges::count(three, 4) + std::ranges::count(three, 5) == 1);
}

TEST_CASE("random sites differ from cycle to cycle, and are all met")
{
  Ensemble ensemble = sample(MPI_COMM_WORLD);
  SiteSettings settings{SiteRule::random, 3};
  std::vector<int> counts(12);
  for (int cycle = 0; cycle < 4000; ++cycle) {
    const auto sites = choose_sites(settings, ensemble, cycle);
    CHECK(std::set<int>(sites.begin(), sites.end()).size() == 3);
    CHECK(std::ranges::is_sorted(sites));
    for (const int site : sites) ++counts[static_cast<std::size_t>(site)];
  }
  for (const int each : counts) CHECK(std::abs(each - 1000) < 150);
}

TEST_CASE("the sites are those that one rank would choose")
{
  Ensemble shared = sample(MPI_COMM_WORLD, 17);
  Ensemble alone = sample(MPI_COMM_SELF, 17);
  for (const SiteRule rule : {SiteRule::random, SiteRule::spread, SiteRule::reduction}) {
    CHECK(choose_sites({rule, 5}, shared, 3) == choose_sites({rule, 5}, alone, 3));
  }
}

TEST_CASE("what cannot be chosen is refused")
{
  Ensemble ensemble = sample(MPI_COMM_WORLD);
  CHECK_THROWS_AS(choose_sites({SiteRule::fixed, 0}, ensemble, 0), std::invalid_argument);
  CHECK_THROWS_AS(choose_sites({SiteRule::fixed, 13}, ensemble, 0), std::invalid_argument);
  Ensemble single(MPI_COMM_WORLD, 1, 12);
  CHECK_THROWS_AS(choose_sites({SiteRule::spread, 3}, single, 0), std::invalid_argument);
  CHECK_THROWS_WITH_AS(twin::site_rule("best"),
                       "unknown rule for sites 'best' (known: fixed, random, spread, reduction)",
                       std::invalid_argument);
  CHECK(twin::site_rule("reduction") == SiteRule::reduction);
}

TEST_CASE("a site's error does not depend on the others that are measured")
{
  const std::vector<double> truth(10, 2);
  const auto all = twin::observe(truth, twin::every_site(10), 0.5, 7, 3);
  const auto some = twin::observe(truth, twin::every_site(10, 3, 1), 0.5, 7, 3);
  CHECK(some.sites == std::vector<int>{1, 4, 7});
  for (std::size_t i = 0; i < some.size(); ++i) {
    CHECK(some.values[i] == all.values[static_cast<std::size_t>(some.sites[i])]);
  }
  for (const auto law : {twin::ErrorLaw::gaussian, twin::ErrorLaw::laplace}) {
    double square = 0;
    double fourth = 0;
    for (int cycle = 0; cycle < 20000; ++cycle) {
      for (const double value :
           twin::observe(truth, twin::every_site(10), 0.5, 7, cycle, law).values) {
        square += std::pow((value - 2) / 0.5, 2) / 200000;
        fourth += std::pow((value - 2) / 0.5, 4) / 200000;
      }
    }
    CHECK(square == doctest::Approx(1).epsilon(0.02));
    CHECK(fourth == doctest::Approx(law == twin::ErrorLaw::gaussian ? 3 : 6).epsilon(0.08));
  }
}
