/// Marks: how simulation and training take turns in a deterministic run.
///
/// A simulation rank sends a mark to all its training ranks where a `predict` begins: all that it
/// observed before goes before the mark. Training ranks take messages lane by lane up to the next
/// mark of every lane, learn until none of them wants to, and then answer with a marker: a message
/// to all readers of weights, with the weights where there are new ones. The n-th `predict` is
/// answered by what was there at the n-th marker, so nothing depends on when anything arrives. A
/// lane that has ended stands at every mark.
#pragma once

#include "channel/lane.hpp"

#include <cstdint>

namespace cardan::closure {

/// An observation without samples.
class Mark {
 public:
  /// `checkpoint`: the number of the checkpoint before which it stands; 0 where a `predict` begins.
  explicit Mark(std::int64_t checkpoint) : checkpoint_(checkpoint) {}
  [[nodiscard]] std::int64_t checkpoint() const { return checkpoint_; }
  [[nodiscard]] channel::Header header() const
  {
    channel::Header header;
    header.count = none;
    header.ticket = checkpoint_;
    return header;
  }
  static bool is(const channel::Header& header) { return header.count == none; }
  static Mark of(const channel::Header& header) { return Mark{header.ticket}; }

 private:
  /// Told from a message whose samples were all quarantined.
  static constexpr std::int64_t none = -1;
  std::int64_t checkpoint_;
};

}  // namespace cardan::closure
