// The window's ring, which frames are chosen, and which members.
#include "couplers/ensemble/selection.hpp"
#include "couplers/ensemble/window.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <vector>

using namespace cardan::ensemble;
using cardan::Random;

TEST_CASE("a window keeps the newest frames and knows which are gone")
{
  Window window(3, {2, 4}, 2);
  for (int i = 0; i < 5; ++i) {
    const double value = i;
    const std::vector<double> descriptor{value, -value};
    std::vector<double> state(8);
    for (std::size_t j = 0; j < 8; ++j) state[j] = 10 * value + static_cast<double>(j);
    Frame frame;
    frame.member = i % 2;
    frame.segment = i;
    CHECK(window.add(frame, descriptor, state) == i);
    CHECK(window.size() == static_cast<std::size_t>(std::min(i + 1, 3)));
  }
  CHECK(window.oldest() == 2);
  CHECK(window.next() == 5);
  CHECK(window.find(1) == nullptr);
  CHECK(window.find(5) == nullptr);
  CHECK(window.find(-1) == nullptr);
  REQUIRE(window.find(3) != nullptr);
  CHECK(window.find(3)->segment == 3);
  CHECK(window.find(3)->id == 3);
  CHECK(window.at(window.slot(4)).id == 4);
  CHECK(window.descriptor(4)[1] == -4);
  CHECK(window.state(3, 0)[0] == 30);
  CHECK(window.state(3, 1)[0] == 34);
  CHECK(window.state(3, 1).size() == 4);
}

namespace {

Points line(const std::vector<double>& at)
{
  Points points(at.size(), 1);
  for (const double x : at) points.add(std::vector<double>{x});
  return points;
}

std::vector<std::size_t> slots(const std::vector<Pick>& picks)
{
  std::vector<std::size_t> slots;
  for (const auto& pick : picks) slots.push_back(pick.slot);
  return slots;
}

}  // namespace

TEST_CASE("the most novel frames, apart from one another")
{
  const Points points = line({0, 0.1, 5, 9, 9});
  const std::vector<double> scores{3, 2.9, 2, 1, 1};
  std::vector<char> allowed(5, 1);
  // Without a spacing by score alone; the lowest slot of equal ones.
  CHECK(slots(most_novel(points, scores, allowed, 9, 0)) ==
        std::vector<std::size_t>{0, 1, 2, 3, 4});
  // What is 0.1 from the first counts a tenth, and what is where another is not at all.
  const auto apart = most_novel(points, scores, allowed, 9, 1);
  CHECK(slots(apart) == std::vector<std::size_t>{0, 2, 3, 1});
  CHECK(apart[3].score == 2.9);
  CHECK(apart[3].effective == doctest::Approx(0.29));
  allowed[0] = 0;
  CHECK(slots(most_novel(points, scores, allowed, 2, 1)) == std::vector<std::size_t>{1, 2});
}

TEST_CASE("any frames: none twice, all equally likely, the same for the same seed")
{
  const std::vector<char> allowed{1, 0, 1, 1, 1};
  std::vector<int> often(5);
  Random random(1);
  for (int i = 0; i < 4000; ++i) {
    const auto two = any_of_slots(allowed, 2, random);
    CHECK(two.size() == 2);
    CHECK(two[0] != two[1]);
    for (const auto slot : two) ++often[slot];
  }
  CHECK(often[1] == 0);
  for (const std::size_t slot : {0U, 2U, 3U, 4U}) {
    CHECK(often[slot] > 1850);
    CHECK(often[slot] < 2150);
  }
  CHECK(any_of_slots(allowed, 9, random).size() == 4);
  Random one(5);
  Random other(5);
  CHECK(any_of_slots(allowed, 3, one) == any_of_slots(allowed, 3, other));
}

TEST_CASE("the least novel members go, within the quota")
{
  const std::vector<Subject> subjects{{0, 3}, {1, 1}, {2, 2}, {3, 1}};
  const auto two = least_novel(subjects, 2);
  REQUIRE(two.size() == 2);
  CHECK(two[0].member == 1);
  CHECK(two[1].member == 3);
  CHECK(least_novel(subjects, 9).size() == 4);
  CHECK(quota(0.5, 8) == 4);
  CHECK(quota(0.5, 7) == 3);
  CHECK(quota(0.1, 3) == 1);
  CHECK(quota(0.3, 10) == 3);
  CHECK(quota(0, 10) == 0);
  CHECK(quota(1, 10) == 10);
}
