/// The first twin rank takes observations in and makes cycles of them.
#pragma once

#include "couplers/steering/ends.hpp"
#include "couplers/twin/order.hpp"
#include "couplers/twin/settings.hpp"

#include <cstdint>
#include <list>
#include <vector>

namespace cardan::twin {

/// Neither blocking nor collective. Memory is used again.
class Gathering {
 public:
  Gathering(steering::Ends& ends, const Settings& settings);

  /// Takes in what waits; says whether there was anything.
  bool hear();
  /// The next cycle that can begin, in order: all asset ranks have said what they have of it, or
  /// have gone on; or, in real time, a newer cycle has begun or patience is over. Where the
  /// deadline of one has passed and a newer one is here, it becomes late. Null: none. Valid until
  /// `give_back`.
  [[nodiscard]] Frame* next();
  /// Observations of earlier cycles that are to be given before the next one, oldest first. Null:
  /// none.
  [[nodiscard]] Frame* next_late();
  void give_back(Frame* frame);
  /// All asset ranks have closed, and all they sent has been given.
  [[nodiscard]] bool over() const;
  /// When the next observation is due, by this rank's clock in nanoseconds; infinite without a
  /// clock that paces the asset.
  [[nodiscard]] double next_due() const { return next_due_; }

 private:
  using Frames = std::list<Frame>;
  bool hear(std::size_t rank);
  [[nodiscard]] Frame& frame_of(Frames& frames, std::int64_t cycle);
  [[nodiscard]] bool ready(const Frame& frame, bool newest) const;

  steering::Ends& ends_;
  Settings settings_;
  /// Cycles that have not begun, late ones, the one that is being dealt with, and memory for more;
  /// in the order of their cycles.
  Frames open_;
  Frames late_;
  Frames given_;
  Frames spare_;
  std::vector<const std::byte*> columns_;
  /// By asset rank: the newest cycle that it has said something of; whether it has not closed.
  std::vector<std::int64_t> newest_;
  std::vector<bool> stays_;
  std::int64_t begun_ = -1;
  double next_due_;
};

}  // namespace cardan::twin
