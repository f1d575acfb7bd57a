// What a restart needs of a baseline.

#include "baselines/learner.hpp"

#include <cstddef>
#include <cstring>

namespace cardan::baselines {

namespace {
std::int64_t size_of(const std::vector<double>& numbers)
{
  return static_cast<std::int64_t>(numbers.size());
}

/// Some number that depends on all of these (FNV-1a).
std::uint64_t mixed(const std::vector<double>& numbers)
{
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const double number : numbers) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &number, sizeof(bits));
    hash = (hash ^ bits) * 0x100000001b3U;
  }
  return hash;
}
}  // namespace

// The tally's arrays have rows for each rank: those of several ranks, one behind the other, are
// joined.
State Learner::checkpoint() const
{
  State state;
  std::vector<double> weights(state_bytes() / sizeof(double));
  write(reinterpret_cast<std::byte*>(weights.data()));
  state.put("weights/state", weights);
  state.put("normalisation/output_variance", variance_);
  State tally;
  tally.put("sums", Dtype::float64, {1, size_of(sums_)}, sums_.data());
  put_statistics(tally);
  state.put("tally", tally);
  return state;
}

void Learner::restore(const State& state)
{
  std::vector<double> weights(state_bytes() / sizeof(double));
  std::vector<double> variance(variance_.size());
  state.get("weights/state", Dtype::float64, {size_of(weights)}, weights.data());
  state.get("normalisation/output_variance", Dtype::float64, {size_of(variance)}, variance.data());
  const State tally = state.group("tally");
  std::vector<double> sums(sums_.size(), 0);
  if (tally.has("sums")) {
    const std::int64_t ranks = tally.array("sums").numbers() / size_of(sums_);
    std::vector<double> all(static_cast<std::size_t>(ranks) * sums_.size());
    tally.get("sums", Dtype::float64, {ranks, size_of(sums_)}, all.data());
    for (std::size_t i = 0; i < all.size(); ++i) sums[i % sums.size()] += all[i];
  }
  // Throws, if it does, before it changes anything.
  take_statistics(tally, mixed(weights));
  sums_ = sums;
  variance_ = variance;
  published().read(reinterpret_cast<const std::byte*>(weights.data()));
}

}  // namespace cardan::baselines
