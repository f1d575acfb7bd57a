/// A random channel of batches, drawn alike by every rank.
#pragma once

#include "support/box_case.hpp"

#include <cstdlib>
#include <string>
#include <vector>

namespace test {

struct BatchField {
  std::string name;
  Dtype dtype;
  /// The shape of one sample.
  Extents sample;
};

struct BatchCase {
  std::int64_t number = 0;
  cardan::ChannelOptions options;
  /// The first one is each sample's number, which no other sample of any producer has.
  std::vector<BatchField> fields;
  /// By rank.
  std::vector<bool> produces;
  std::vector<bool> consumes;
  std::vector<Reading> reading;
  std::vector<std::int64_t> capacity;
  /// Samples of every put, by rank and put.
  std::vector<std::vector<std::int64_t>> samples;
  bool delays = false;

  [[nodiscard]] bool sends(std::int64_t put) const { return put % options.every == 0; }
  /// Whether a rank is at both ends.
  [[nodiscard]] bool meets_itself() const
  {
    for (std::size_t r = 0; r < produces.size(); ++r)
      if (produces[r] && consumes[r]) return true;
    return false;
  }
};

inline BatchCase draw_batch_case(Random& random, std::int64_t number, int ranks)
{
  using cardan::Policy;
  using cardan::TransportKind;
  BatchCase drawn;
  drawn.number = number;
  drawn.produces = draw_group(random, ranks, 6);
  drawn.consumes = draw_group(random, ranks, 4);
  auto& options = drawn.options;
  options.name = fmt::format("batch case {}", number);
  options.deadline = 20;
  options.transport = random.one_of({TransportKind::automatic, TransportKind::shared,
                                     TransportKind::rma, TransportKind::two_sided});
  // Where one machine stands for several nodes, shared memory alone is refused.
  if (options.transport == TransportKind::shared && std::getenv("CARDAN_RANKS_PER_NODE") != nullptr)
    options.transport = TransportKind::automatic;
  options.policy =
      random.one_of({Policy::block, Policy::block, Policy::drop_oldest, Policy::drop_newest});
  options.every = random.chance(60) ? 1 : random.between(2, 3);
  options.depth = random.one_of({0, 1, 2, 3, 5});
  // Ranks that are at both ends put a step and then read: what they had to read from the step
  // before may still be on its way when they put.
  if (drawn.meets_itself() && options.depth > 0 && options.depth < 3) options.depth = 3;
  drawn.delays = random.chance(50);
  drawn.fields.push_back({"number", Dtype::int64, {}});
  for (std::int64_t f = random.between(0, 2); f > 0; --f) {
    Extents sample = Extents::filled(static_cast<int>(random.between(0, 3)), 1);
    for (int d = 0; d < sample.rank(); ++d) sample[d] = random.between(1, 5);
    const auto dtype = all_dtypes[static_cast<std::size_t>(random.between(0, 9))];
    drawn.fields.push_back({fmt::format("field{}", f), dtype, sample});
  }
  const std::int64_t capacity = random.between(1, 12);
  const std::int64_t puts = random.between(0, 8);
  for (int r = 0; r < ranks; ++r) {
    drawn.reading.push_back(random.one_of({Reading::peek, Reading::try_peek, Reading::peek}));
    drawn.capacity.push_back(random.chance(60) ? capacity : random.between(1, 12));
    drawn.samples.emplace_back();
    // As many puts for each where ranks at both ends take turns.
    const bool even = drawn.meets_itself() || random.chance(50);
    for (std::int64_t put = even ? puts : random.between(0, 8); put > 0; --put)
      drawn.samples.back().push_back(random.chance(20) ? drawn.capacity.back()
                                                       : random.between(0, drawn.capacity.back()));
  }
  return drawn;
}

inline std::string describe(const BatchCase& drawn)
{
  const auto& options = drawn.options;
  std::string text = options.name + ": transport " + to_string(options.transport) + ", policy " +
                     std::to_string(static_cast<int>(options.policy)) + ", depth " +
                     std::to_string(options.depth) + ", every " + std::to_string(options.every);
  for (const BatchField& field : drawn.fields)
    text += "\n " + field.name + " " + cardan::to_string(field.dtype) + " " +
            cardan::to_string(field.sample);
  for (std::size_t r = 0; r < drawn.produces.size(); ++r) {
    if (drawn.produces[r]) {
      text +=
          "\n " + std::to_string(r) + " puts at most " + std::to_string(drawn.capacity[r]) + ":";
      for (const std::int64_t count : drawn.samples[r]) text += fmt::format(" {}", count);
    }
    if (drawn.consumes[r]) text += fmt::format("\n {} reads", r);
  }
  return text;
}

}  // namespace test
