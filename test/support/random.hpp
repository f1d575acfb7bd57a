/// Random choices of tests: the same on every rank that starts from the same seed.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <random>
#include <thread>
#include <vector>

namespace test {

class Random {
 public:
  Random(std::initializer_list<std::int64_t> seeds)
  {
    std::seed_seq sequence(seeds.begin(), seeds.end());
    engine_.seed(sequence);
  }
  /// Both ends included.
  std::int64_t between(std::int64_t least, std::int64_t most)
  {
    const auto count = static_cast<std::uint64_t>(most - least + 1);
    return least + static_cast<std::int64_t>(engine_() % count);
  }
  bool chance(int percent) { return between(0, 99) < percent; }
  template <class T>
  T one_of(std::initializer_list<T> values)
  {
    return *(values.begin() + between(0, static_cast<std::int64_t>(values.size()) - 1));
  }
  /// Places that cut [0, total) into `parts` pieces, some of them perhaps empty.
  std::vector<std::int64_t> cuts(std::int64_t total, std::int64_t parts)
  {
    std::vector<std::int64_t> places{0, total};
    for (std::int64_t i = 1; i < parts; ++i) places.push_back(between(0, total));
    std::sort(places.begin(), places.end());
    return places;
  }
  /// 0 to `count` - 1 in any order.
  std::vector<int> permutation(int count)
  {
    std::vector<int> all;
    for (int i = 0; i < count; ++i) all.push_back(i);
    for (int i = count - 1; i > 0; --i)
      std::swap(all[static_cast<std::size_t>(i)], all[static_cast<std::size_t>(between(0, i))]);
    return all;
  }

 private:
  std::mt19937_64 engine_;
};

/// Mostly nothing; sometimes the rank gives way, sometimes it sleeps for up to 200 us.
inline void dawdle(Random& random)
{
  if (random.chance(70)) return;
  if (random.chance(60))
    std::this_thread::yield();
  else
    std::this_thread::sleep_for(std::chrono::microseconds(random.between(1, 200)));
}

}  // namespace test
