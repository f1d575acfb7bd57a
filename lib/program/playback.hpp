/// A surrogate's decision log as samples to be played: one call at a time, a rank's share of it.
#pragma once

#include "archive/recording.hpp"

#include <cardan/field.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// Not collective; blocking. Samples without an output are left out.
class Playback {
 public:
  /// Throws where the file is no log with answers of these fields of a surrogate.
  Playback(const std::string& path, const std::string& surrogate,
           const std::vector<std::string>& inputs, const std::vector<std::string>& outputs);

  /// Steps of all loops, in their order, and the calls of each.
  [[nodiscard]] std::size_t steps() const { return steps_.size(); }
  [[nodiscard]] const std::vector<std::size_t>& calls_of(std::size_t step) const
  {
    return steps_[step];
  }
  /// The most samples that a rank has of a call.
  [[nodiscard]] std::int64_t largest_share(int ranks) const;
  /// Memory for so many samples.
  void reserve(std::int64_t samples);
  [[nodiscard]] std::int64_t capacity() const { return capacity_; }

  /// Reads a rank's share of a call; gives how many samples it has.
  std::int64_t read(std::size_t call, int rank, int ranks);
  /// What is asked with, and where answers go; valid until the next call of the same.
  [[nodiscard]] std::span<const cardan::NamedField> inputs(std::int64_t samples);
  [[nodiscard]] std::span<const cardan::NamedField> answers(std::int64_t samples);
  /// Adds the errors of answers [begin, end).
  void compare(std::int64_t begin, std::int64_t end, double& squares, double& largest,
               std::int64_t& numbers) const;
  /// Puts the log's outputs in the place of answers.
  void restore(std::span<const std::int64_t> samples);

 private:
  struct Piece {
    std::int64_t first;
    std::int64_t rows;
  };
  struct Call {
    std::vector<Piece> pieces;
    std::int64_t rows = 0;
  };
  using Columns = std::vector<std::vector<std::byte>>;
  [[nodiscard]] std::span<const cardan::NamedField> fields(const cardan::Features& features,
                                                           Columns& columns, std::int64_t samples,
                                                           std::vector<cardan::NamedField>& list);
  void read_calls(const std::string& path, const std::string& surrogate);
  void leave_out(std::int64_t rows);

  cardan::Features inputs_;
  cardan::Features outputs_;
  std::optional<cardan::Recording> samples_;
  std::optional<cardan::Recording> source_;
  std::vector<Call> calls_;
  std::vector<std::vector<std::size_t>> steps_;
  std::int64_t capacity_ = 0;
  std::int64_t count_ = 0;
  /// Inputs, then what the log has of outputs; and the answers.
  Columns recorded_;
  Columns answers_;
  std::vector<std::byte> origins_;
  std::vector<cardan::NamedField> input_list_;
  std::vector<cardan::NamedField> answer_list_;
};
