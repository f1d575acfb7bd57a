// One piece of training, on one rank or several.

#include "couplers/tuning/client.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <cmath>

namespace cardan::tuning {

namespace {

/// Tags of the messages with which ranks of a trial meet, behind those of the leader's talk.
int tag_of(std::int64_t id)
{
  constexpr std::int64_t tags = 16000;
  return 1 + static_cast<int>(id % tags);
}

}  // namespace

void Client::drop(int slot)
{
  const auto at = static_cast<std::size_t>(slot);
  if (!live_[at]) return;
  live_[at] = false;
  work_->drop(slot);
}

/// Its ranks meet before they make its communicator together, so that one that has failed meanwhile
/// holds up none of them.
mpi::Comm Client::gather(const TrainOrder& order, std::int64_t id)
{
  if (order.ranks.size() < 2) return {};
  const int leader = order.ranks.front();
  const int tag = tag_of(id);
  const auto deadline = mpi::Deadline::in(patience());
  char word = 0;
  const auto meet = [&](auto&& begin) {
    MPI_Request request = MPI_REQUEST_NULL;
    mpi::check(begin(&request), "MPI_Isend or MPI_Irecv");
    alarm_.wait(request, deadline, "the ranks of a trial");
  };
  const auto send = [&](int to) {
    meet([&](MPI_Request* r) { return MPI_Isend(&word, 1, MPI_CHAR, to, tag, talk_.get(), r); });
  };
  const auto receive = [&](int from) {
    meet([&](MPI_Request* r) { return MPI_Irecv(&word, 1, MPI_CHAR, from, tag, talk_.get(), r); });
  };
  if (rank_ == leader) {
    for (const int rank : order.ranks)
      if (rank != leader) receive(rank);
    for (const int rank : order.ranks)
      if (rank != leader) send(rank);
  } else {
    send(leader);
    receive(leader);
  }
  MPI_Group all = MPI_GROUP_NULL;
  MPI_Group some = MPI_GROUP_NULL;
  mpi::check(MPI_Comm_group(talk_.get(), &all), "MPI_Comm_group");
  const int made =
      MPI_Group_incl(all, static_cast<int>(order.ranks.size()), order.ranks.data(), &some);
  MPI_Group_free(&all);
  mpi::check(made, "MPI_Group_incl");
  MPI_Comm comm = MPI_COMM_NULL;
  const int created = MPI_Comm_create_group(talk_.get(), some, tag, &comm);
  MPI_Group_free(&some);
  mpi::check(created, "MPI_Comm_create_group");
  return mpi::Comm{comm};
}

void Client::enter(const TrainOrder& order, TuningTrial& trial)
{
  if (order.entry == Entry::in_place) return;
  drop(order.slot);
  if (order.entry == Entry::fresh) {
    work_->begin(order.slot, trial);
    live_[static_cast<std::size_t>(order.slot)] = true;
    return;
  }
  const auto found = store_.read(order.source_rank, order.source_slot, state_, context_.deadline());
  if (found.trial != order.source)
    throw Error{fmt::format("the state of trial {} of tuning '{}' is not where it was",
                            order.source, settings_.name),
                fmt::format("trial {} is there", found.trial)};
  trial.epochs = found.epochs;
  work_->begin(order.slot, trial);
  live_[static_cast<std::size_t>(order.slot)] = true;
  work_->load(order.slot, trial, state_);
}

/// What others go on from, and the best one of this rank besides.
void Client::keep(const TrainOrder& order, const TuningTrial& trial, double loss)
{
  if (store_.bytes() == 0) return;
  state_.resize(store_.bytes());
  const std::size_t bytes = work_->save(order.slot, state_);
  if (bytes > state_.size())
    throw Error{fmt::format("a state of tuning '{}' has {} bytes", settings_.name, bytes),
                fmt::format("there is room for {}", state_.size()),
                "Set TuningShape::state_bytes higher."};
  state_.resize(bytes);
  store_.write(order.slot, trial.id, trial.epochs, state_);
  if (!(loss < best_loss_)) return;
  best_loss_ = loss;
  store_.write(slots_, trial.id, trial.epochs, state_);
}

Answer Client::train(const TrainOrder& order, std::int64_t id)
{
  for (const int slot : order.drops) drop(slot);
  const mpi::Comm comm = gather(order, id);
  TuningTrial trial;
  trial.id = order.trial;
  trial.values = order.values;
  trial.seed = order.seed;
  trial.epochs = order.before;
  trial.comm = comm ? comm.get() : MPI_COMM_SELF;
  enter(order, trial);
  Answer answer = greet();
  answer.before = trial.epochs;
  answer.loss = work_->train(order.slot, trial, order.epochs);
  trial.epochs += order.epochs;
  if (rank_ != order.ranks.front())
    drop(order.slot);
  else if (std::isfinite(answer.loss))
    keep(order, trial, answer.loss);
  return answer;
}

}  // namespace cardan::tuning
