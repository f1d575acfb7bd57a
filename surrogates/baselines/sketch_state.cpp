// What a restart needs of a sample.

#include "baselines/sketch.hpp"

#include "support/generator_state.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace cardan::baselines {

void Sketch::put(State& state) const
{
  const auto held = static_cast<std::int64_t>(drawn_.size());
  std::vector<double> numbers;
  std::vector<double> rows;
  for (const auto& [number, place] : drawn_) {
    numbers.push_back(number);
    const auto row = rows_.begin() + static_cast<std::ptrdiff_t>(place * width_);
    rows.insert(rows.end(), row, row + static_cast<std::ptrdiff_t>(width_));
  }
  state.put("drawn", numbers);
  state.put("rows", Dtype::float64, {held, width_}, rows.data());
  put_generator(state, "generator", random_);
}

// One rank's go on as they were, in the heap's order. Of several ranks' the smallest stay, and what
// is drawn next must not be what some rank drew before.
void Sketch::take(const State& state, std::uint64_t salt)
{
  const bool any = state.has("drawn");
  const std::vector<double> numbers = any ? state.numbers("drawn") : std::vector<double>{};
  const auto held = static_cast<std::int64_t>(numbers.size());
  std::vector<double> rows(static_cast<std::size_t>(held * width_));
  if (any) state.get("rows", Dtype::float64, {held, width_}, rows.data());
  const bool alone = any && state.array("generator").shape[0] == 1;
  if (alone)
    random_ = generator_of(state, "generator");
  else
    random_.seed(random_() ^ salt);

  drawn_.clear();
  for (std::int64_t i = 0; i < held; ++i)
    drawn_.emplace_back(numbers[static_cast<std::size_t>(i)], i);
  if (!alone || held > capacity_) std::sort(drawn_.begin(), drawn_.end());
  if (held > capacity_) drawn_.resize(static_cast<std::size_t>(capacity_));
  rows_.clear();
  for (auto& [number, place] : drawn_) {
    const auto row = rows.begin() + static_cast<std::ptrdiff_t>(place * width_);
    place = static_cast<std::int64_t>(rows_.size()) / width_;
    rows_.insert(rows_.end(), row, row + static_cast<std::ptrdiff_t>(width_));
  }
  if (!std::is_heap(drawn_.begin(), drawn_.end())) std::make_heap(drawn_.begin(), drawn_.end());
}

}  // namespace cardan::baselines
