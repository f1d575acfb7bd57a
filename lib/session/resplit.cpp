// Ranks are split anew: what is open ends in order, what it knew goes on, others do the work.

#include "channel/pool.hpp"
#include "couplers/closure/client.hpp"
#include "session/implementation.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

namespace cardan {

namespace {

/// The roles as a text, and back.
std::string letters_of(const std::vector<Roles>& roles)
{
  std::string letters;
  for (const auto& each : roles)
    letters += static_cast<char>('0' + (each.simulation ? 1 : 0) + (each.inference ? 2 : 0) +
                                 (each.training ? 4 : 0));
  return letters;
}

std::vector<Roles> roles_of(const std::string& letters)
{
  std::vector<Roles> roles;
  roles.reserve(letters.size());
  for (const char letter : letters) {
    const int bits = letter - '0';
    roles.push_back({(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0});
  }
  return roles;
}

}  // namespace

/// `cardan-ml`'s ranks first, then from the end of the job or of each node, as the run file's are.
std::vector<int> Session::Implementation::choose(int count) const
{
  const int size = static_cast<int>(context.roles.size());
  std::vector<int> ranks;
  for (int r = 0; r < size; ++r)
    if (programs_[static_cast<std::size_t>(r)]) ranks.push_back(r);
  if (count < static_cast<int>(ranks.size()))
    throw Error{fmt::format("cannot split into {} ML ranks", count),
                fmt::format("{} ranks run cardan-ml and cannot simulate", ranks.size()),
                "Ask for as many at least, or launch fewer of them."};
  for (int r = size; r-- > 0 && static_cast<int>(ranks.size()) < count;)
    if (!programs_[static_cast<std::size_t>(r)]) ranks.push_back(r);
  return ranks;
}

std::vector<Roles> Session::Implementation::roles_with(const std::vector<int>& ml, int training)
{
  const std::size_t size = context.roles.size();
  std::vector<bool> chosen(size, false);
  for (const int rank : ml) {
    if (rank < 0 || rank >= static_cast<int>(size))
      throw Error{fmt::format("cannot make rank {} an ML rank", rank),
                  fmt::format("the session has {} ranks, counted from 0", size)};
    if (chosen[static_cast<std::size_t>(rank)])
      throw Error{"cannot split the ranks anew", fmt::format("rank {} is named twice", rank)};
    chosen[static_cast<std::size_t>(rank)] = true;
  }
  if (ml.size() >= size)
    throw Error{fmt::format("cannot split into {} ML ranks", ml.size()),
                fmt::format("they leave none of {} ranks to simulate", size),
                "Ask for fewer of them."};
  for (std::size_t rank = 0; rank < size; ++rank)
    if (programs_[rank] && !chosen[rank])
      throw Error{fmt::format("cannot make rank {} simulate", rank), "it runs cardan-ml",
                  "Name it among the ML ranks, or launch the simulation on all ranks."};
  if (training < 0 || (training > static_cast<int>(ml.size()) && training > 0))
    throw Error{fmt::format("cannot have {} ranks train", training),
                fmt::format("there are {} ML ranks", ml.size())};
  MlShare share = read_share(context.run_file);
  if (training > 0) share.training = training;
  auto roles = assign_roles(chosen, share, context.run_file);

  // What the run file says of ranks has to hold for these too.
  std::swap(context.roles, roles);
  std::exception_ptr problem;
  try {
    check_surrogates();
    static_cast<void>(read_couplers(context));
  } catch (...) {
    problem = std::current_exception();
  }
  std::swap(context.roles, roles);
  if (problem) std::rethrow_exception(problem);
  return roles;
}

void Session::Implementation::ask_split(const std::optional<std::vector<int>>& ml, int count,
                                        int training)
{
  if (!context.mine().simulation)
    throw Error{"an ML rank asks for another split of the ranks", "simulation ranks do",
                "Have its decider tell the simulation."};
  mpi::together(context.part.get(), context.deadline(), [&] {
    if (replays_)
      throw Error{"cannot split the ranks anew", "the run is a replay, on the ranks that it has",
                  "Leave --replay out."};
    if (context.settings.deterministic)
      throw Error{"cannot split the ranks anew",
                  "the run is deterministic, which holds on the same ranks only",
                  "Leave [run] deterministic out."};
  });
  std::vector<Roles> next;
  std::string mine;
  mpi::together(context.part.get(), context.deadline(), [&] {
    next = roles_with(ml ? *ml : choose(count), training);
    mine = letters_of(next);
  });
  const std::string first = mpi::broadcast(context.part.get(), mine, 0, context.deadline());
  mpi::together(context.part.get(), context.deadline(), [&] {
    if (mine != first)
      throw Error{"simulation ranks ask for different splits of the ranks", "",
                  "Let one rank choose, and tell the others."};
  });
  if (without_ml_) return;
  pending_ = std::move(next);
  taken_ = false;
  if (!in_loop_) take_fields();
}

void Session::Implementation::take_fields()
{
  checkpoints->take_fields(done_);
  taken_ = true;
}

bool Session::Implementation::splitting() const
{
  return pending_ && !checkpoints->stopping();
}

void Session::Implementation::begin_loop(std::int64_t done)
{
  in_loop_ = true;
  done_ = done;
}

bool Session::Implementation::step_ended(std::int64_t done, bool last)
{
  done_ = done;
  in_loop_ = !last;
  if (!splitting()) return false;
  take_fields();
  return true;
}

/// Simulation ranks: nothing is asked any more, and all that is under way comes to its end.
void Session::Implementation::end_streams()
{
  // The ML ranks have to know why before they see that nothing comes any more.
  control.tell_and_wait({Control::Kind::split, 0});
  MPI_Request request = MPI_REQUEST_NULL;
  mpi::check(MPI_Ibarrier(context.part.get(), &request), "MPI_Ibarrier");
  mpi::wait(request, context.deadline(), "all simulation ranks to be split anew");
  context.parting = true;
  for (auto& streams : streams_) streams->close();
  for (auto& end : ends_) end->part();
}

// Where one rank fails in here the others wait for it until their deadline; the run is over then.
bool Session::Implementation::follow_split()
{
  const bool simulated = context.mine().simulation;
  if (simulated && splitting()) checkpoints->settle();
  if (simulated ? !splitting() : !context.parting) {
    pending_.reset();
    return false;
  }
  if (simulated)
    mpi::together(context.part.get(), context.deadline(), [&] {
      if (!taken_ && checkpoints->protects())
        throw Error{"cannot split the ranks anew",
                    "the step in which that was asked for did not come to its end",
                    "Leave the loop over session.steps by itself, or say begin_step before."};
    });
  MPI_Comm everyone = context.everyone.get();
  const int first = context.first(&Roles::simulation);
  checkpoint::Snapshot snapshot;
  std::string record;
  if (simulated) {
    end_streams();
    for (const auto* client : context.clients) client->snapshot(snapshot);
    for (const auto& file : checkpoints->take_written()) provenance->checkpoint(file);
    record = provenance->hand_over();
  } else {
    for (auto* duties : {&services_, &ends_})
      for (auto& duty : *duties) duty->snapshot(snapshot);
  }
  const auto next = roles_of(mpi::broadcast(everyone, pending_ ? letters_of(*pending_) : "", first,
                                            mpi::Deadline::in(10 * context.settings.deadline)));
  record = mpi::broadcast(everyone, record, first, context.deadline());
  heirlooms_.pass_on(context, next, std::move(snapshot), checkpoints->restart());
  free_all();
  split_again(next);
  checkpoints->go_on(simulated);
  context.restart = heirlooms_.reader();
  context.step = checkpoints->restart_step();
  done_ = 0;
  provenance->take_over(record, ++splits_, checkpoints->restart_step(), map);
  return true;
}

/// Frees what is open, together, in the order of opening.
void Session::Implementation::free_all()
{
  *context.life = false;
  context.clients.clear();
  checkpoints->part();
  services_.clear();
  streams_.clear();
  ends_.clear();
}

/// Every rank takes its next role; nothing is open.
void Session::Implementation::split_again(const std::vector<Roles>& next)
{
  context.part = mpi::split(
      context.everyone.get(),
      next[static_cast<std::size_t>(mpi::rank(context.everyone.get()))].simulation ? 0 : 1);
  context.roles = next;
  for (std::size_t r = 0; r < map.size(); ++r) map[r].role = to_string(next[r]);
  context.life = std::make_shared<bool>(true);
  if (!context.choice.pool) context.choice.pool = std::make_shared<channel::Pool>();
  context.parting = false;
  context.loop = 0;
  pending_.reset();
  taken_ = in_loop_ = checked_ = false;
  mpi::together(context.everyone.get(), context.deadline(), [&] {
    check_surrogates();
    couplers = read_couplers(context);
  });
}

void Session::resplit(int ml_ranks, int training)
{
  implementation_->ask_split({}, ml_ranks, training);
}

void Session::resplit_to(const std::vector<int>& ml_ranks, int training)
{
  implementation_->ask_split(ml_ranks, 0, training);
}

bool Session::splitting() const
{
  return implementation_->splitting();
}

bool Session::follow_split()
{
  return implementation_->follow_split();
}

int Session::splits() const
{
  return implementation_->splits();
}

}  // namespace cardan
