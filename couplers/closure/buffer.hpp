/// What training ranks keep of the stream, to draw mini-batches from.
#pragma once

#include "couplers/closure/samples.hpp"

#include <cardan/config.hpp>
#include <cardan/model.hpp>

#include <cstdint>
#include <memory>
#include <random>
#include <vector>

namespace cardan::closure {

/// `buffer = { kind = "reservoir", capacity = 100000, least = 1 }`
struct BufferSettings {
  /// fifo: the newest `capacity` samples. reservoir: a uniform sample of everything that went by
  /// (Vitter 1985, algorithm R). threshold: every sample until it was drawn `least` times; only
  /// then it may make room for another.
  enum class Kind { fifo, reservoir, threshold };
  Kind kind = Kind::reservoir;
  std::int64_t capacity = 100000;
  std::int64_t least = 1;
};
/// From the table `buffer` of `[training.NAME]`; throws with file and line.
BufferSettings read_buffer(const Config& table);

/// What a buffer has done, for logs.
struct BufferCounters {
  std::int64_t size = 0;
  std::int64_t seen = 0;
  /// Newcomers that were not taken, and samples that made room for one.
  std::int64_t dropped = 0;
  std::int64_t evicted = 0;
  /// Draws of all samples ever; the mean and the smallest number of draws of those stored now.
  std::int64_t draws = 0;
  double mean_hits = 0;
  std::int64_t least_hits = 0;
  /// Steps since the samples stored now were made.
  double mean_age = 0;
  std::int64_t largest_age = 0;
};

/// Samples as they were streamed, in their dtypes. Memory grows with what arrives up to the
/// capacity; then nothing is allocated. The same seed and calls give the same draws.
class Buffer {
 public:
  virtual ~Buffer() = default;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  /// Takes sample `row` of a batch, made at `step`, or drops it, or drops an older one for it.
  void add(const Batch& inputs, const Batch& targets, std::int64_t row, std::int64_t step);
  /// Fills the columns with `count` samples, drawn with replacement; with none where the buffer is
  /// empty.
  void draw(std::int64_t count, Columns& inputs, Columns& targets);
  /// All that is held, until the next call.
  [[nodiscard]] Batch inputs() const { return inputs_.batch(); }
  [[nodiscard]] Batch targets() const { return targets_.batch(); }

  [[nodiscard]] std::int64_t size() const { return inputs_.count(); }
  /// Samples that were offered.
  [[nodiscard]] std::int64_t seen() const noexcept { return seen_; }
  /// `step` is the present one, from which ages are counted. Looks at every sample.
  [[nodiscard]] BufferCounters counters(std::int64_t step) const;

  /// The step that each sample was made in and how often it was drawn: size x 2.
  [[nodiscard]] std::vector<std::int64_t> records() const;
  /// What it has beside samples and records: counters, generator, who is to go next; a row of each
  /// array for this buffer.
  [[nodiscard]] State checkpoint() const;
  /// Goes on with samples, their records, and what `checkpoint` said of them: exactly, in a buffer
  /// of the same kind and capacity. Elsewhere, and where `own` has but `counters` (seen, dropped,
  /// evicted, draws), generator and places are new, and of more samples than there is room for some
  /// stay: the newest of a fifo, any of others. Throws where they do not belong together.
  void restore(const State& own, Columns inputs, Columns targets,
               const std::vector<std::int64_t>& records);

 protected:
  Buffer(const Signature& signature, std::int64_t capacity, std::uint64_t seed);

  static constexpr std::int64_t nowhere = -1;
  /// Where a newcomer goes in a full buffer; `nowhere` drops it.
  virtual std::int64_t place_of_next() = 0;
  /// A place to draw from.
  virtual std::int64_t choose() { return any(size()); }
  /// Told after a place was filled, and after it was drawn from.
  virtual void filled(std::int64_t place) { static_cast<void>(place); }
  virtual void drawn(std::int64_t place) { static_cast<void>(place); }

  /// Adds what says who is to go next, and takes it; false, and nothing is changed, where it is not
  /// of this kind.
  virtual void put_places(State& own) const { static_cast<void>(own); }
  virtual bool take_places(const State& own, std::int64_t size) = 0;
  /// Told after all samples were replaced; of a buffer that keeps the newest the oldest is first.
  virtual void places_anew() {}
  [[nodiscard]] virtual bool keeps_newest() const { return false; }

  /// Any of 0 ... count - 1, all alike.
  std::int64_t any(std::int64_t count)
  {
    return std::uniform_int_distribution<std::int64_t>{0, count - 1}(random_);
  }
  [[nodiscard]] std::int64_t capacity() const noexcept { return capacity_; }
  [[nodiscard]] std::int64_t hits(std::int64_t place) const
  {
    return records_[static_cast<std::size_t>(place)].hits;
  }

 private:
  void choose_to_keep(std::vector<std::int64_t>& order);

  struct Record {
    std::int64_t step;
    std::int64_t hits;
  };

  Columns inputs_;
  Columns targets_;
  std::int64_t capacity_;
  std::int64_t seen_ = 0;
  std::int64_t dropped_ = 0;
  std::int64_t evicted_ = 0;
  std::int64_t draws_ = 0;
  std::vector<Record> records_;
  std::mt19937_64 random_;
};

std::unique_ptr<Buffer> make_buffer(const BufferSettings& settings, const Signature& signature,
                                    std::uint64_t seed);

}  // namespace cardan::closure
