/// Learning offline: the samples of a finished run in place of a stream.
#pragma once

#include "archive/recording.hpp"
#include "couplers/closure/samples.hpp"

#include <cardan/config.hpp>
#include <cardan/model.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cardan::closure {

/// `offline = { file = "run.h5", group = "samples", layout = "steps", chunk = 4096 }`
struct RecordedSettings {
  std::string file;
  /// What stands before the fields' names in the file.
  std::string group;
  /// Which dimensions stand before a sample's: `samples` (samples, ...), or `steps` (steps,
  /// samples, ...).
  enum class Layout { samples, steps };
  Layout layout = Layout::samples;
  /// Samples that are read at once.
  std::int64_t chunk = 4096;
};
/// From the table `offline` of `[training.NAME]`; throws with file and line.
RecordedSettings read_recorded(const Config& table);
/// What the file says of a surrogate's fields, where no simulation says it. Not collective.
Signature recorded_signature(const RecordedSettings& settings,
                             const std::vector<std::string>& inputs,
                             const std::vector<std::string>& outputs);

/// One training rank's share of a file: consecutive samples, as many as any other rank's or one
/// more. Of a decision log (`group = "NAME/samples"`) those that the solver computed: what a model
/// answered teaches nothing. Each rank reads alone; blocking.
class Recorded {
 public:
  Recorded(const RecordedSettings& settings, const Signature& signature, int rank, int ranks);
  /// Reads the next chunk; false at the end of the share, and the columns are then empty.
  bool next(Columns& inputs, Columns& targets);
  /// Goes back to the share's first sample.
  void rewind() noexcept { next_ = begin_; }
  /// Samples of this rank's share, with those of a decision log that are left out.
  [[nodiscard]] std::int64_t size() const noexcept { return end_ - begin_; }
  /// The step (from 0) that sample `row` of the last chunk was made in; 0 where the file has no
  /// steps.
  [[nodiscard]] std::int64_t step(std::int64_t row) const noexcept;

 private:
  bool read(Columns& inputs, Columns& targets);
  void leave_out(Columns& inputs, Columns& targets);

  Recording recording_;
  /// What a decision log says of its samples.
  std::optional<Recording> source_;
  std::vector<std::uint8_t> origins_;
  std::int64_t chunk_;
  std::int64_t begin_;
  std::int64_t end_;
  std::int64_t next_;
  std::int64_t last_ = 0;
  std::vector<std::byte*> columns_;
};

}  // namespace cardan::closure
