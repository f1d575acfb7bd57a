/// Runs one random channel of batches and checks every sample that arrives. Collective.
#pragma once

#include "support/batch_case.hpp"
#include "support/memory.hpp"
#include "support/world.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

namespace test {

class BatchRun {
 public:
  explicit BatchRun(const BatchCase& drawn)
      : case_(drawn),
        me_(static_cast<std::size_t>(world_rank())),
        produces_(drawn.produces[me_]),
        consumes_(drawn.consumes[me_]),
        own_{drawn.number, world_size(), world_rank() + 1},
        channel_(MPI_COMM_WORLD, drawn.options, specs(produces_, drawn.capacity[me_]),
                 specs(consumes_, 0)),
        newest_(drawn.produces.size(), -1)
  {}

  void run()
  {
    if (blocks() && case_.meets_itself())
      in_turns();
    else
      as_each_likes();
    if (produces_) channel_.close();
    while (consumes_ && read(Wait::yes)) continue;
    if (consumes_) REQUIRE_FALSE(channel_.try_peek().has_value());
    check_counters();
    check_samples();
  }

 private:
  enum class Wait { yes, no };
  [[nodiscard]] bool blocks() const { return case_.options.policy == cardan::Policy::block; }
  /// Samples of all producers: the producer, the put and the place in it.
  static std::int64_t number_of(std::size_t producer, std::int64_t put, std::int64_t sample)
  {
    return static_cast<std::int64_t>(producer) << 40 | put << 20 | sample;
  }

  static Extents batch(std::int64_t samples, const Extents& sample)
  {
    Extents shape = Extents::filled(sample.rank() + 1, samples);
    for (int d = 0; d < sample.rank(); ++d) shape[d + 1] = sample[d];
    return shape;
  }

  [[nodiscard]] std::vector<cardan::FieldSpec> specs(bool part, std::int64_t capacity) const
  {
    std::vector<cardan::FieldSpec> all;
    for (const BatchField& field : case_.fields) {
      if (!part) break;
      all.push_back({field.name, field.dtype, batch(capacity, field.sample), {}});
    }
    return all;
  }

  // Ranks at both ends must not all wait in `put` for each other: each puts one step, and all read
  // until nothing of it is left.
  void in_turns()
  {
    const auto puts = static_cast<std::int64_t>(case_.samples.front().size());
    std::int64_t sent = 0;
    for (std::int64_t put = 0; put < puts; ++put) {
      for (std::size_t r = 0; r < case_.produces.size(); ++r)
        if (case_.produces[r] && case_.sends(put))
          sent += case_.samples[r][static_cast<std::size_t>(put)];
      if (produces_) offer(put);
      do {
        while (consumes_ && read(Wait::no)) continue;
      } while (sum_over_ranks(static_cast<std::int64_t>(seen_.size())) < sent);
    }
  }

  void as_each_likes()
  {
    const auto puts = static_cast<std::int64_t>(case_.samples[me_].size());
    for (std::int64_t put = 0; produces_ && put < puts; ++put) {
      offer(put);
      if (consumes_) read(Wait::no);
    }
  }

  void offer(std::int64_t put)
  {
    if (case_.delays) dawdle(own_);
    const std::int64_t samples = case_.samples[me_][static_cast<std::size_t>(put)];
    ++puts_;
    while (own_.chance(40)) {
      std::optional<cardan::Claim> claim = channel_.claim(put);
      if (!claim.has_value()) {
        REQUIRE((!case_.sends(put) || !blocks()));
        return;
      }
      REQUIRE(case_.sends(put));
      const bool abandon = own_.chance(25);
      for (std::size_t f = 0; f < case_.fields.size(); ++f) {
        const Field field = claim->field(case_.fields[f].name);
        REQUIRE(field.dtype() == case_.fields[f].dtype);
        REQUIRE(field.shape() == batch(case_.capacity[me_], case_.fields[f].sample));
        fill(f, field, abandon ? put + 1000 : put, samples);
      }
      if (abandon) continue;
      if (samples == case_.capacity[me_] && own_.chance(50))
        claim->publish();
      else
        claim->publish(samples);
      return;
    }
    std::vector<Memory> sources;
    std::vector<cardan::NamedField> fields;
    for (const BatchField& field : case_.fields)
      sources.emplace_back(own_, field.dtype, batch(samples, field.sample));
    for (std::size_t f = 0; f < case_.fields.size(); ++f) {
      fields.push_back({case_.fields[f].name, sources[f].field()});
      fill(f, fields.back().field, put, samples);
    }
    channel_.put(put, fields);
    for (Memory& source : sources) source.clear();
  }

  /// The first field holds the sample's number; the others follow from it.
  [[nodiscard]] Value value_at(std::size_t f, std::int64_t number, const Extents& index) const
  {
    if (f == 0) return value_of(Dtype::int64, static_cast<std::uint64_t>(number));
    const std::int64_t place = dot(index, cardan::row_major(batch(0, case_.fields[f].sample))) -
                               index[0] * case_.fields[f].sample.product();
    return value_of(case_.fields[f].dtype, key_of(f, number, place));
  }

  void fill(std::size_t f, const Field& field, std::int64_t put, std::int64_t samples)
  {
    for_each_index(batch(samples, case_.fields[f].sample), [&](const Extents& index) {
      write(field, index, value_at(f, number_of(me_, put, index[0]), index));
    });
  }

  bool read(Wait wait)
  {
    if (case_.delays) dawdle(own_);
    if (wait == Wait::no || case_.reading[me_] == Reading::try_peek) {
      for (int i = 0; i < 50; ++i) {
        const auto arrival = channel_.try_peek();
        if (arrival) return look_at(*arrival);
        std::this_thread::yield();
      }
      if (wait == Wait::no) return false;
    }
    const auto arrival = channel_.peek();
    return arrival && look_at(*arrival);
  }

  bool look_at(const cardan::Arrival& arrival)
  {
    ++taken_;
    const std::int64_t put = arrival.step();
    REQUIRE(arrival.producer() >= 0);
    REQUIRE(arrival.producer() < world_size());
    const auto producer = static_cast<std::size_t>(arrival.producer());
    REQUIRE(case_.produces[producer]);
    REQUIRE(case_.sends(put));
    REQUIRE(put < static_cast<std::int64_t>(case_.samples[producer].size()));
    const Field numbers = arrival.field("number");
    const std::int64_t most = case_.samples[producer][static_cast<std::size_t>(put)];
    REQUIRE(numbers.dtype() == Dtype::int64);
    REQUIRE(numbers.shape().rank() == 1);
    REQUIRE(numbers.samples() <= most);
    for (std::int64_t i = 0; i < numbers.samples(); ++i) {
      const std::int64_t number =
          static_cast<const std::int64_t*>(numbers.data())[i * numbers.strides()[0]];
      REQUIRE(number > newest_[producer]);
      REQUIRE(number >= number_of(producer, put, 0));
      REQUIRE(number < number_of(producer, put, most));
      newest_[producer] = number;
      seen_.push_back(number);
    }
    for (std::size_t f = 1; f < case_.fields.size(); ++f) {
      const Field field = arrival.field(case_.fields[f].name);
      REQUIRE(field.dtype() == case_.fields[f].dtype);
      REQUIRE(field.shape() == batch(numbers.samples(), case_.fields[f].sample));
      std::int64_t wrong = 0;
      for_each_index(field.shape(), [&](const Extents& index) {
        const std::int64_t number =
            static_cast<const std::int64_t*>(numbers.data())[index[0] * numbers.strides()[0]];
        if (!holds(field, index, value_at(f, number, index))) ++wrong;
      });
      REQUIRE(wrong == 0);
    }
    return true;
  }

  /// Collective.
  void check_counters() const
  {
    const cardan::ChannelCounters& counters = channel_.counters();
    if (produces_) {
      std::int64_t sent = 0;
      for (std::int64_t put = 0; put < puts_; ++put) sent += case_.sends(put) ? 1 : 0;
      REQUIRE(counters.put == puts_);
      REQUIRE(counters.skipped == puts_ - sent);
      if (blocks()) REQUIRE(counters.dropped == 0);
      if (case_.options.policy != cardan::Policy::drop_oldest) REQUIRE(counters.overwritten == 0);
    }
    if (consumes_) REQUIRE(counters.taken == taken_);
    if (blocks()) REQUIRE(counters.missed == 0);
    const std::int64_t deliveries =
        sum_over_ranks(produces_ ? counters.written + counters.dropped : 0);
    REQUIRE(sum_over_ranks(consumes_ ? counters.taken + counters.missed : 0) == deliveries);
  }

  /// Collective: no sample came twice, and where nothing may be dropped none is missing.
  void check_samples()
  {
    const int mine = static_cast<int>(seen_.size());
    std::vector<int> counts(case_.produces.size());
    MPI_Allgather(&mine, 1, MPI_INT, counts.data(), 1, MPI_INT, MPI_COMM_WORLD);
    std::vector<int> places(1, 0);
    for (const int count : counts) places.push_back(places.back() + count);
    std::vector<std::int64_t> all(static_cast<std::size_t>(places.back()));
    MPI_Allgatherv(seen_.data(), mine, MPI_INT64_T, all.data(), counts.data(), places.data(),
                   MPI_INT64_T, MPI_COMM_WORLD);
    std::sort(all.begin(), all.end());
    REQUIRE(std::adjacent_find(all.begin(), all.end()) == all.end());
    if (!blocks()) return;
    std::vector<std::int64_t> expected;
    for (std::size_t r = 0; r < case_.produces.size(); ++r)
      for (std::size_t put = 0; case_.produces[r] && put < case_.samples[r].size(); ++put)
        for (std::int64_t i = 0; i < case_.samples[r][put]; ++i)
          if (case_.sends(static_cast<std::int64_t>(put)))
            expected.push_back(number_of(r, static_cast<std::int64_t>(put), i));
    REQUIRE((all == expected));
  }

  const BatchCase& case_;
  std::size_t me_;
  bool produces_;
  bool consumes_;
  Random own_;
  cardan::Channel channel_;
  std::vector<std::int64_t> newest_;
  std::vector<std::int64_t> seen_;
  std::int64_t puts_ = 0;
  std::int64_t taken_ = 0;
};

}  // namespace test
