#include "watch.hpp"

#include <algorithm>
#include <numeric>

namespace steer {

namespace {

constexpr int tag = 71;

int count(const std::vector<char>& known)
{
  return static_cast<int>(std::count(known.begin(), known.end(), 1));
}

}  // namespace

Watch::Watch(MPI_Comm comm, int states, bool rounds)
    : comm_(comm),
      rounds_(rounds),
      here_(static_cast<std::size_t>(states), never),
      known_(here_.size(), 0),
      weighted_(here_.size(), 0)
{
  MPI_Comm_size(comm_, &ranks_);
  MPI_Barrier(comm_);
  begin_ = MPI_Wtime();
}

void Watch::segment(double time, int state, double weight)
{
  mine_ += time;
  weights_ += weight * time;
  const double now = seconds();
  if (!rounds_) marks_.push_back({now, mine_});
  if (state < 0) return;
  const auto s = static_cast<std::size_t>(state);
  weighted_[s] += weight * time;
  if (here_[s] != never) return;
  here_[s] = now;
}

bool Watch::go_on()
{
  if (rounds_) {
    end_of_round();
  } else {
    for (std::size_t s = 0; s < here_.size(); ++s)
      if (here_[s] != never) known_[s] = 1;
    tell_others();
    hear_others();
  }
  return !complete();
}

bool Watch::complete() const
{
  return found() == static_cast<int>(known_.size());
}

int Watch::found() const
{
  return count(known_);
}

void Watch::end_of_round()
{
  std::vector<double> sums(here_.size() + 1);
  sums[0] = mine_;
  for (std::size_t s = 0; s < here_.size(); ++s) sums[s + 1] = here_[s] != never ? 1 : 0;
  MPI_Allreduce(MPI_IN_PLACE, sums.data(), static_cast<int>(sums.size()), MPI_DOUBLE, MPI_SUM,
                comm_);
  time_ = sums[0];
  for (std::size_t s = 0; s < here_.size(); ++s) {
    if (known_[s] != 0 || sums[s + 1] == 0) continue;
    known_[s] = 1;
    in_rounds_.push_back({static_cast<int>(s), time_, seconds()});
  }
}

// Small messages that nobody waits for: each is all that its sender knows.
void Watch::tell_others()
{
  if (found() == told_) return;
  told_ = found();
  for (int r = 0, me = (MPI_Comm_rank(comm_, &me), me); r < ranks_; ++r) {
    if (r == me) continue;
    MPI_Send(known_.data(), static_cast<int>(known_.size()), MPI_CHAR, r, tag, comm_);
    ++sent_;
  }
}

void Watch::hear_others()
{
  std::vector<char> theirs(known_.size());
  for (;;) {
    int waits = 0;
    MPI_Status status;
    MPI_Iprobe(MPI_ANY_SOURCE, tag, comm_, &waits, &status);
    if (waits == 0) return;
    MPI_Recv(theirs.data(), static_cast<int>(theirs.size()), MPI_CHAR, status.MPI_SOURCE, tag,
             comm_, MPI_STATUS_IGNORE);
    ++received_;
    for (std::size_t s = 0; s < known_.size(); ++s) known_[s] |= theirs[s];
  }
}

// A state was found when the first rank found it; all ranks' simulated time up to that moment
// counts, and their clocks began together.
std::vector<Found> Watch::merged() const
{
  std::vector<double> first = here_;
  MPI_Allreduce(MPI_IN_PLACE, first.data(), static_cast<int>(first.size()), MPI_DOUBLE, MPI_MIN,
                comm_);
  std::vector<double> until(first.size(), 0);
  for (std::size_t s = 0; s < first.size(); ++s) {
    const auto after = std::upper_bound(marks_.begin(), marks_.end(), first[s],
                                        [](double wall, const Mark& m) { return wall < m.wall; });
    until[s] = after == marks_.begin() ? 0 : std::prev(after)->time;
  }
  MPI_Allreduce(MPI_IN_PLACE, until.data(), static_cast<int>(until.size()), MPI_DOUBLE, MPI_SUM,
                comm_);
  std::vector<Found> found;
  for (std::size_t s = 0; s < first.size(); ++s)
    if (first[s] != never) found.push_back({static_cast<int>(s), until[s], first[s]});
  return found;
}

Watch::Sums Watch::finish()
{
  Sums sums;
  sums.seconds = seconds();
  MPI_Allreduce(MPI_IN_PLACE, &sums.seconds, 1, MPI_DOUBLE, MPI_MAX, comm_);
  // Messages that are still under way belong to this run.
  for (bool all = rounds_; !all;) {
    hear_others();
    std::int64_t under_way = sent_ - received_;
    MPI_Allreduce(MPI_IN_PLACE, &under_way, 1, MPI_INT64_T, MPI_SUM, comm_);
    all = under_way == 0;
  }
  sums.found = rounds_ ? in_rounds_ : merged();
  std::stable_sort(sums.found.begin(), sums.found.end(),
                   [](const Found& a, const Found& b) { return a.time < b.time; });
  std::vector<double> totals = weighted_;
  totals.push_back(weights_);
  totals.push_back(mine_);
  MPI_Allreduce(MPI_IN_PLACE, totals.data(), static_cast<int>(totals.size()), MPI_DOUBLE, MPI_SUM,
                comm_);
  sums.time = totals.back();
  const double weight = totals[weighted_.size()];
  for (std::size_t s = 0; s < weighted_.size(); ++s)
    sums.populations.push_back(weight > 0 ? totals[s] / weight : 0);
  return sums;
}

}  // namespace steer
