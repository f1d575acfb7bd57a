// Plans: batches are cut evenly, and what one rank plans to write is what its neighbour plans to
// read.
#include "channel/plan.hpp"

#include <cardan/error.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <vector>

using cardan::Box;
using cardan::Dtype;
using cardan::Extents;
using cardan::channel::cut_evenly;
using cardan::channel::End;
using cardan::channel::LanePlan;
using cardan::channel::Plan;

namespace {

using Random = std::mt19937;

std::int64_t draw(Random& random, std::int64_t low, std::int64_t high)
{
  return std::uniform_int_distribution<std::int64_t>{low, high}(random);
}

/// Part (i, j) of a grid of `parts` over an n x m array.
Box part_of(const Extents& global, const Extents& parts, std::int64_t i, std::int64_t j)
{
  const auto rows = cut_evenly(global[0], static_cast<int>(parts[0]), static_cast<int>(i));
  const auto columns = cut_evenly(global[1], static_cast<int>(parts[1]), static_cast<int>(j));
  return {global, {rows.first, columns.first}, {rows.count, columns.count}};
}

/// Everybody's plan.
std::vector<Plan> plans_of(const std::vector<End>& ends, int depth)
{
  std::vector<Plan> plans;
  for (std::size_t r = 0; r < ends.size(); ++r)
    plans.push_back(cardan::channel::make_plan(ends, static_cast<int>(r), depth));
  return plans;
}

struct Range {
  std::size_t begin;
  std::size_t bytes;
  /// Slots of boxes belong to all producers alike.
  bool shared;
};

void check_apart(std::vector<Range> ranges, std::size_t bytes)
{
  std::sort(ranges.begin(), ranges.end(),
            [](const Range& a, const Range& b) { return a.begin < b.begin; });
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    CHECK(ranges[i].begin % cardan::channel::line == 0);
    CHECK(ranges[i].begin + ranges[i].bytes <= bytes);
    if (i == 0) continue;
    const bool same =
        ranges[i].shared && ranges[i - 1].shared && ranges[i].begin == ranges[i - 1].begin;
    CHECK((same || ranges[i - 1].begin + ranges[i - 1].bytes <= ranges[i].begin));
  }
}

/// Both ends of every lane are planned alike, and nothing in a rank's memory overlaps.
void check_agreement(const std::vector<Plan>& plans)
{
  std::size_t outgoing = 0;
  std::size_t incoming = 0;
  for (std::size_t r = 0; r < plans.size(); ++r) {
    const Plan& mine = plans[r];
    const auto depth = static_cast<std::size_t>(mine.depth);
    CHECK(mine.depth == plans.front().depth);
    outgoing += mine.out.size();
    incoming += mine.in.size();
    std::vector<Range> memory;
    for (const LanePlan& lane : mine.in) {
      CHECK(lane.consumer == static_cast<int>(r));
      memory.push_back({lane.cell, cardan::channel::line, false});
      memory.push_back({lane.headers, depth * cardan::channel::line, false});
      memory.push_back({lane.slots, depth * lane.stride, mine.boxes});
    }
    for (const LanePlan& lane : mine.out) {
      CHECK(lane.producer == static_cast<int>(r));
      memory.push_back({lane.credit, cardan::channel::line, false});
      const auto& in = plans[static_cast<std::size_t>(lane.consumer)].in;
      const auto twin = std::find_if(in.begin(), in.end(), [&](const LanePlan& other) {
        return other.producer == lane.producer;
      });
      REQUIRE(twin != in.end());
      CHECK(twin->cell == lane.cell);
      CHECK(twin->headers == lane.headers);
      CHECK(twin->slots == lane.slots);
      CHECK(twin->stride == lane.stride);
      CHECK(twin->credit == lane.credit);
      CHECK(twin->capacity == lane.capacity);
      REQUIRE(twin->parts.size() == lane.parts.size());
      for (std::size_t f = 0; f < lane.parts.size(); ++f) {
        CHECK(twin->parts[f].offset == lane.parts[f].offset);
        CHECK(twin->parts[f].patch.count == lane.parts[f].patch.count);
        CHECK(twin->parts[f].patch.strides == lane.parts[f].patch.strides);
        const auto& patch = lane.parts[f].patch;
        if (patch.count.product() == 0 || lane.capacity == 0) continue;
        // The last element that is written lies inside the slot.
        std::size_t last = lane.parts[f].offset + static_cast<std::size_t>(patch.element);
        for (int i = 0; i < patch.count.rank(); ++i)
          last += static_cast<std::size_t>((patch.count[i] - 1) * patch.strides[i]);
        CHECK(last <= lane.stride);
      }
    }
    check_apart(memory, mine.bytes);
  }
  CHECK(outgoing == incoming);
}

}  // namespace

TEST_CASE("parts of an even cut follow each other, cover everything, and differ by one at most")
{
  for (const std::int64_t total : {0, 1, 2, 3, 5, 7, 8, 64, 1000, 1001}) {
    for (int parts = 1; parts <= 9; ++parts) {
      std::int64_t next = 0;
      std::int64_t least = total;
      std::int64_t most = 0;
      for (int i = 0; i < parts; ++i) {
        const auto cut = cut_evenly(total, parts, i);
        CHECK(cut.first == next);
        next += cut.count;
        least = std::min(least, cut.count);
        most = std::max(most, cut.count);
      }
      CHECK(next == total);
      CHECK(most - least <= 1);
      // What a lane is planned for.
      CHECK(most <= (total + parts - 1) / parts);
    }
  }
}

TEST_CASE("neighbours plan the same lanes for batches")
{
  Random random{11};
  for (int trial = 0; trial < 60; ++trial) {
    const auto ranks = static_cast<std::size_t>(draw(random, 1, 7));
    std::vector<End> ends(ranks);
    for (auto& end : ends) {
      const std::int64_t capacity = draw(random, 0, 40);
      if (draw(random, 0, 1) == 0)
        end.produced = {{"x", Dtype::float32, {capacity, 3}, {}},
                        {"k", Dtype::int64, {capacity}, {}}};
      if (draw(random, 0, 1) == 0)
        end.consumed = {{"x", Dtype::float32, {0, 3}, {}}, {"k", Dtype::int64, {0}, {}}};
    }
    CAPTURE(trial);
    check_agreement(plans_of(ends, static_cast<int>(draw(random, 0, 3))));
  }
}

TEST_CASE("neighbours plan the same lanes for boxes, which meet each element once")
{
  Random random{12};
  for (int trial = 0; trial < 60; ++trial) {
    const Extents global{draw(random, 1, 13), draw(random, 1, 13)};
    const Extents from{draw(random, 1, 3), draw(random, 1, 3)};
    const Extents to{draw(random, 1, 3), draw(random, 1, 3)};
    const auto ranks = static_cast<std::size_t>(std::max(from.product(), to.product()));
    std::vector<End> ends(ranks);
    for (std::int64_t r = 0; r < from.product(); ++r) {
      const Box box = part_of(global, from, r / from[1], r % from[1]);
      ends[static_cast<std::size_t>(r)].produced = {{"u", Dtype::float64, box.count, box},
                                                    {"v", Dtype::int32, box.count, box}};
    }
    for (std::int64_t r = 0; r < to.product(); ++r) {
      const Box box = part_of(global, to, r / to[1], r % to[1]);
      ends[static_cast<std::size_t>(r)].consumed = {{"u", Dtype::float64, box.count, box},
                                                    {"v", Dtype::int32, box.count, box}};
    }
    CAPTURE(trial);
    REQUIRE_NOTHROW(cardan::channel::check("test", ends));
    const auto plans = plans_of(ends, static_cast<int>(draw(random, 0, 3)));
    check_agreement(plans);
    std::int64_t moved = 0;
    for (const Plan& plan : plans)
      for (const LanePlan& lane : plan.out) moved += lane.parts[0].patch.count.product();
    CHECK(moved == global.product());
  }
}

TEST_CASE("a ring is deep for small slots and shallow for large ones")
{
  const auto depth = [](std::int64_t samples) {
    End end;
    end.produced = {{"x", Dtype::float64, {samples}, {}}};
    end.consumed = {{"x", Dtype::float64, {0}, {}}};
    return cardan::channel::make_plan({end}, 0, 0).depth;
  };
  CHECK(depth(1) == 16);
  CHECK(depth(8192) == 4);
  CHECK(depth(131072) == 2);
}
