/// What the streams of a surrogate on a grid carry: boxes, whose images are cut where they arrive.
#pragma once

#include "channel/declaration.hpp"
#include "couplers/closure/team.hpp"
#include "couplers/closure/tiles.hpp"

#include <cardan/channel.hpp>

#include <cstdint>
#include <vector>

namespace cardan::closure {

/// A reply's count, where it has no answers: there is no model yet, or other simulation ranks have
/// not made the same call and will not.
struct GridReply {
  static constexpr std::int64_t not_ready = 0;
  static constexpr std::int64_t never = -1;
};

/// Who has which tiles; the same on all ranks.
class Grid {
 public:
  /// Throws where the tiles do not fit the global array.
  Grid(const GridSettings& settings, const Team& team, const Extents& global);

  [[nodiscard]] const Tiles& tiles() const { return tiles_; }
  /// The tiles of a rank of the session that infers, or trains; empty where it does not.
  [[nodiscard]] Box answered_by(int rank) const
  {
    return block(inference_, inference_ranks_, rank);
  }
  [[nodiscard]] Box learned_by(int rank) const { return block(training_, training_ranks_, rank); }

  /// Fields as samples: images of which a rank has at most as many as the first extent says.
  [[nodiscard]] std::vector<FieldSpec> images(std::vector<FieldSpec> fields) const;

  /// What this rank produces and consumes; `mine` are a simulation rank's own fields with their
  /// boxes, `any` those of another.
  [[nodiscard]] channel::End request(const Team& team, const std::vector<FieldSpec>& mine,
                                     const std::vector<FieldSpec>& any) const;
  [[nodiscard]] channel::End observation(const Team& team, const std::vector<FieldSpec>& mine,
                                         const std::vector<FieldSpec>& any) const;
  /// Answers, and behind them the verdicts on the grid of tiles.
  [[nodiscard]] channel::End reply(const Team& team, const std::vector<FieldSpec>& mine,
                                   const std::vector<FieldSpec>& any) const;

 private:
  [[nodiscard]] static Box block(const Deal& deal, const std::vector<int>& ranks, int rank);

  Tiles tiles_;
  std::vector<int> inference_ranks_;
  std::vector<int> training_ranks_;
  Deal inference_;
  Deal training_;
};

}  // namespace cardan::closure
