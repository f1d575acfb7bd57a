/// What silos and the aggregator write to each other, and the one way out of a silo.
#pragma once

#include "channel/lane.hpp"

#include <cardan/dtype.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace cardan::federation {

using channel::read_header;
using channel::to_header;

/// What leaves a silo: `initial`: the weights that the first silo begins with, before it has seen a
/// sample, once; `tally`: sums over its samples, once; `update`: the change of the weights in a
/// round; `goodbye`: nothing more comes, once.
enum class Kind : std::uint32_t { initial, tally, update, goodbye };
inline constexpr std::size_t kinds = 4;
const char* to_string(Kind kind) noexcept;
/// What comes to a silo: `tally`: the joined sums; `model`: the global weights.
enum class Answer : std::uint32_t { tally, model };

/// The header of a slot (channel::Header) in a silo's lane; the first three belong to the lane.
/// `count` is in words.
struct UpHeader {
  std::uint64_t sequence = 0;
  std::int64_t step = 0;
  std::int64_t count = 0;
  Kind kind = Kind::goodbye;
  /// The version that the update is a change of.
  std::uint32_t base = 0;
  /// Training samples that it was made from.
  std::int64_t samples = 0;
  /// Whether it is made of numbers.
  std::int64_t finite = 1;
  /// Of the silo's updates, from 1.
  std::int64_t number = 0;
  std::int64_t spare = 0;
};

struct DownHeader {
  std::uint64_t sequence = 0;
  std::int64_t step = 0;
  std::int64_t count = 0;
  Answer answer = Answer::model;
  std::uint32_t version = 0;
  std::int32_t participants = 0;
  std::int32_t late = 0;
  std::int32_t refused = 0;
  /// Whether the update of the silo that this goes to is in it.
  std::int32_t taken = 0;
  std::int64_t staleness = 0;
  /// Of that update; 0: none.
  std::int64_t number = 0;
};
static_assert(sizeof(UpHeader) == sizeof(channel::Header));
static_assert(sizeof(DownHeader) == sizeof(channel::Header));

/// Slots are made of words, so that everything in them is aligned.
inline constexpr std::size_t word = sizeof(std::uint64_t);
inline std::size_t words_of(std::size_t bytes)
{
  return (bytes + word - 1) / word;
}
/// Bytes of a record as it moves: its header, and whole words.
inline std::int64_t moved(std::size_t bytes)
{
  return static_cast<std::int64_t>(sizeof(UpHeader) + words_of(bytes) * word);
}

/// What the model fixes when a federation opens; the same on all ranks.
struct Facts {
  std::int64_t weights = 0;
  Dtype dtype = Dtype::float32;
  /// Of a tally; zeros where none is joined.
  std::int64_t sums = 0;
  std::int64_t maxima = 0;

  [[nodiscard]] std::string text() const;
  static Facts from_text(const std::string& text);
  [[nodiscard]] std::size_t tally_bytes() const
  {
    return static_cast<std::size_t>(sums + maxima) * sizeof(double);
  }
  [[nodiscard]] std::size_t weights_bytes() const
  {
    return static_cast<std::size_t>(weights * size_of(dtype));
  }
};

/// Bytes of a record of each kind: they depend on the model and the run file, never on data.
using RecordSizes = std::array<std::size_t, kinds>;
RecordSizes record_sizes(const Facts& facts, std::size_t update_bytes);

/// The one way out of a silo: everything that its leader sends goes through `send`, and nothing
/// else of a federation writes to a lane of a silo.
class Outlet {
 public:
  /// `lane` outlives this.
  Outlet(const RecordSizes& sizes, channel::OutLane& lane) : sizes_(sizes), lane_(lane) {}
  Outlet(const Outlet&) = delete;
  Outlet& operator=(const Outlet&) = delete;

  /// Whether a record can be sent without waiting.
  [[nodiscard]] bool room() { return lane_.room(); }
  /// Sends a record; there must be room. Throws, sending nothing, where its kind is none of the
  /// four, its size is not the one of its kind, or it is one that is sent once and was.
  void send(const UpHeader& header, std::span<const std::byte> record);
  /// How many records of a kind were sent, and all their bytes, headers included.
  [[nodiscard]] std::int64_t sent(Kind kind) const { return sent_[static_cast<std::size_t>(kind)]; }
  [[nodiscard]] std::int64_t bytes() const { return bytes_; }
  /// Tests: sees every byte that leaves.
  std::function<void(const UpHeader& header, std::span<const std::byte> record)> witness;

 private:
  RecordSizes sizes_;
  channel::OutLane& lane_;
  std::array<std::int64_t, kinds> sent_{};
  std::int64_t bytes_ = 0;
  std::vector<std::uint64_t> words_;
};

/// Puts a record of whole words into the lane's next slot, and makes it the consumer's.
void put_record(channel::OutLane& lane, const channel::Header& header,
                std::span<const std::uint64_t> words);

/// Numbers of `dtype` (float32 or float64) from and to doubles.
void narrow(std::span<const double> from, Dtype dtype, std::byte* to);
void widen(const std::byte* from, Dtype dtype, std::span<double> to);

}  // namespace cardan::federation
