// Deterministic runs: rounds are made at marks only, and answered with markers.

#include "couplers/closure/training.hpp"

#include <algorithm>

namespace cardan::closure {

bool Turn::owes() const
{
  return std::find(owed.begin(), owed.end(), true) != owed.end();
}

/// What a rank says about its turn, beside the rest of its vote.
void Training::vote_on_turn()
{
  const bool at_mark = turn_->resting == 0 && turn_->source->at_mark();
  const auto mark = at_mark ? turn_->source->mark() : std::optional<Mark>{};
  // Weights that are owed must not be changed yet.
  vote_[at_mark_vote] = at_mark && !turn_->owes() ? 1 : 0;
  vote_[mark_vote] = mark ? 1 : 0;
  vote_[checkpoint_vote] = mark ? static_cast<int>(mark->checkpoint()) : 0;
  if (turn_->wished > turn_->resting) vote_[wish_vote] = 0;
}

/// All training ranks are at the same mark, and none has anything to learn.
void Training::pass_mark()
{
  // Ranks without lanes, or whose lanes have ended, see no mark.
  const std::int64_t checkpoint =
      votes_[mark_vote] > 0 ? votes_[checkpoint_vote] / votes_[mark_vote] : 0;
  turn_->source->pass();
  if (checkpoint > 0) {
    turn_->resting = checkpoint;
    return;
  }
  ++turn_->marker;
  std::fill(turn_->owed.begin(), turn_->owed.end(), true);
}

/// Every reader gets every marker; the weights go with it where it does not have them yet.
void Training::send_marker()
{
  if (!turn_->owes()) return;
  auto& lanes = streams_.weights->out();
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    if (!turn_->owed[i] || !lanes[i].room()) continue;
    channel::Header header = header_;
    header.count = turn_->sent < header_.version ? static_cast<std::int64_t>(state_.size()) : 0;
    header.ticket = turn_->marker;
    lanes[i].put_samples(0, Field{std::span<const double>(state_)}, 0, header.count);
    lanes[i].publish(header);
    turn_->owed[i] = false;
  }
  if (!turn_->owes()) turn_->sent = header_.version;
}

// What arrives is taken in while another rank of the team is still on its way to the mark, but
// nothing is learned before all are there.
bool Training::take_turn()
{
  bool worked = false;
  if (turn_->resting == 0)
    worked = source_->take([this](const Batch& inputs, const Batch& targets, std::int64_t step) {
      learn_from(inputs, targets, step);
    });
  const bool learned = learn();
  const bool pass = !learned && !finished_ && !held_ && votes_[at_mark_vote] == ranks();
  if (pass) pass_mark();
  send_marker();
  return worked || learned || pass;
}

void Training::hold_at(std::int64_t mark)
{
  if (wishes_) {
    turn_->wished = mark;
    // It was never held for an earlier checkpoint, and will not be any more.
    if (mark > turn_->resting) turn_->resting = 0;
  } else if (held_ && turn_->wished > 0) {
    turn_->resting = 0;
  }
}

}  // namespace cardan::closure
