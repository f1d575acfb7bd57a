/// What the ML rank knows of an ensemble: members, frames, model, novelty.
#pragma once

#include "couplers/ensemble/assembly.hpp"
#include "couplers/ensemble/chronicle.hpp"
#include "couplers/ensemble/embedding.hpp"
#include "couplers/ensemble/judge.hpp"
#include "couplers/ensemble/minima.hpp"
#include "couplers/ensemble/settings.hpp"
#include "couplers/ensemble/window.hpp"
#include "support/splitmix.hpp"

#include <cardan/ensemble.hpp>
#include <cardan/steering.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

namespace cardan::ensemble {

/// A member as its reports tell.
struct Record {
  int member = 0;
  /// Reports are expected of it; its ranks are there.
  bool runs = true;
  bool here = true;
  /// Of its newest report: kind, segment, clock, time, weight.
  bool reported = false;
  FrameKind kind = FrameKind::frame;
  std::int64_t segment = 0;
  std::int64_t clock = 0;
  double time = 0;
  double weight = 1;
  /// Its newest frame in the window, of a report that was a number; -1: none.
  std::int64_t newest = -1;
  std::int64_t failures = 0;
  /// The segment after which it was sent elsewhere.
  std::int64_t sent_at = 0;
  /// In swarm mode: its best since then, and segments since that.
  double best = std::numeric_limits<double>::infinity();
  std::int64_t idle = 0;
  /// Segment and id of its newest frames on one way; the first segment of that way.
  std::vector<std::pair<std::int64_t, std::int64_t>> way;
  std::int64_t way_from = 0;
};

class Mind {
 public:
  Mind(const Config& run_file, const EnsembleSettings& settings, const EnsembleShape& shape,
       const DeciderPlace& place);

  /// Takes a frame into the window (not that of a failure), and into its member's record.
  void take(const Arrived& frame);
  /// Gives all new frames their place and score. Costs the model's evaluation of them.
  void absorb();
  /// Trains so many steps at most, where it is time; with a new version all frames have new places.
  /// Says whether there was something to do.
  bool learn(std::int64_t steps);
  /// Whether novelty says something yet.
  [[nodiscard]] bool ready() const;
  /// A member is sent elsewhere.
  void sent(Record& record);
  /// Whether a frame may be gone on from; all of them, by slot.
  [[nodiscard]] bool allows(const Frame& frame) const;
  [[nodiscard]] std::vector<char> allowed() const;
  /// Of a member's newest frame; infinite where it has none.
  [[nodiscard]] double score_of(const Record& record);
  [[nodiscard]] std::uint32_t version() const { return embedding ? embedding->version() : 0; }

  EnsembleSettings settings;
  Window window;
  Random random;
  std::optional<Embedding> embedding;
  Judge judge;
  Minima minima;
  std::vector<Record> members;
  Chronicle chronicle;
  /// Novel frames beyond those that were chosen last, the most novel first: for members that fail
  /// or end before frames are scored again. Counted: those that were gone when their turn came.
  std::vector<std::int64_t> spare;
  std::int64_t overwritten = 0;

 private:
  void place_all();
  void evaluate(std::int64_t first, std::size_t count);
  [[nodiscard]] std::span<const double> point(std::int64_t first, std::size_t index) const;

  bool judges_;
  /// Frames up to this one have a place.
  std::int64_t absorbed_ = 0;
  std::vector<double> embedded_;
  std::vector<double> given_;
};

}  // namespace cardan::ensemble
