// When checkpoints are written, and when the run stops.

#include "session/checkpoints.hpp"
#include "support/log.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace cardan {

namespace {

enum Wish : std::size_t { writes = 0, stops = 1, signal_number = 2 };

}  // namespace

/// What ranks wished one step ago.
void Checkpoints::take_wishes()
{
  if (wishing_ == MPI_REQUEST_NULL) return;
  mpi::wait(wishing_, context_.deadline(), "what ranks wish of a checkpoint");
  if (agreed_[stops] == 0 || stopping_) return;
  stopping_ = true;
  why_ = agreed_[signal_number] != 0 ? Signals::name_of(agreed_[signal_number])
                                     : fmt::format("the limit of {} s", settings_.limit);
}

/// Time is the first rank's, and a signal may come to any: wishes are joined beside the next step.
void Checkpoints::wish()
{
  if (settings_.interval == 0 && settings_.limit == 0 && !signals_) return;
  wishes_ = {};
  const double now = MPI_Wtime();
  if (speaks() && settings_.interval > 0 && now - last_time_ >= settings_.interval)
    wishes_[writes] = 1;
  if (speaks() && settings_.limit > 0 && now - begin_ >= settings_.limit) wishes_[stops] = 1;
  if (signals_ && Signals::heard() != 0) {
    wishes_[stops] = 1;
    wishes_[signal_number] = Signals::heard();
  }
  for (std::size_t i = 0; i < wishes_.size(); ++i) wishes_[i] = std::max(wishes_[i], carried_[i]);
  carried_ = {};
  mpi::check(MPI_Iallreduce(wishes_.data(), agreed_.data(), static_cast<int>(agreed_.size()),
                            MPI_INT, MPI_MAX, context_.part.get(), &wishing_),
             "MPI_Iallreduce");
}

void Checkpoints::step_done(std::int64_t done, bool last)
{
  if (!writer_ || context_.loop == 0) return;
  if (!protected_.empty() && loop() < 1) return;
  poll();
  take_wishes();
  const bool by_steps = settings_.every > 0 && done % settings_.every == 0;
  const bool due = by_steps || agreed_[writes] != 0 || stopping_ || (last && settings_.at_end);
  agreed_ = {};
  if (due && last_written_ != done) write(done);
  if (!stopping_) {
    wish();
    return;
  }
  const bool whole = finish();
  if (speaks())
    log(fmt::format("stops after step {} ({}); {}", done, why_,
                    whole ? "go on with --restart latest" : "its last checkpoint is missing"));
}

}  // namespace cardan
