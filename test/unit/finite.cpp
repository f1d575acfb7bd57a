// Not-a-numbers and infinities are found wherever they are.
#include "support/finite.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <vector>

namespace {

template <class T>
void find()
{
  using Limits = std::numeric_limits<T>;
  std::vector<T> numbers(37, T{1});
  numbers[3] = Limits::max();
  numbers[4] = Limits::lowest();
  numbers[5] = Limits::denorm_min();
  numbers[6] = -T{0};
  const auto all = [&] {
    return cardan::all_finite(numbers.data(), static_cast<std::int64_t>(numbers.size()));
  };
  CHECK(all());
  for (const T wrong : {Limits::infinity(), -Limits::infinity(), Limits::quiet_NaN(),
                        -Limits::quiet_NaN(), Limits::signaling_NaN()})
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      const T before = numbers[i];
      numbers[i] = wrong;
      CHECK(!all());
      numbers[i] = before;
    }
  CHECK(all());
  CHECK(cardan::all_finite(numbers.data(), 0));
}

}  // namespace

TEST_CASE("numbers that are not finite are found at every place")
{
  find<float>();
  find<double>();
  const std::vector<int> whole{-1, 0, 1};
  CHECK(cardan::all_finite(whole.data(), 3));
}
