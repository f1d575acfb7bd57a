/// What couplers see of a session.
#pragma once

#include "channel/choice.hpp"
#include "mpi/comm.hpp"
#include "session/roles.hpp"

#include <cardan/channel.hpp>
#include <cardan/config.hpp>
#include <cardan/opened.hpp>
#include <cardan/surrogate.hpp>

#include <mpi.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace cardan::checkpoint {
class Snapshot;
class Reader;
}  // namespace cardan::checkpoint

namespace cardan::steering {
struct Kept;
}

namespace cardan {

/// `[run]` and `[transport]`.
struct RunSettings {
  std::int64_t seed = 0;
  /// Seconds after which a wait for other ranks is an error.
  double deadline = 60;
  bool quiet = false;
  /// Two runs of the same file on the same ranks are identical: nothing depends on time.
  bool deterministic = false;
  TransportKind transport = TransportKind::automatic;
  TransportKind between_nodes = TransportKind::automatic;
};
RunSettings read_run_settings(const Config& run_file);

/// Owned by the session, borrowed by couplers.
struct Context {
  /// All ranks of the session; couplers open their channels over it.
  mpi::Comm everyone;
  /// The ranks of this rank's kind: simulation or ML.
  mpi::Comm part;
  std::vector<Roles> roles;
  Config run_file;
  RunSettings settings;
  /// The transports of all channels, chosen once.
  channel::Choice choice;
  /// The step that the simulation is in.
  std::int64_t step = 0;
  /// Loops over steps that have begun; each counts its steps from 0.
  std::int64_t loop = 0;
  /// Where the run leaves its records, as the first simulation rank has it, relative to the working
  /// directory; empty where it leaves none.
  std::string folder;
  /// Threads that an ML rank may use.
  int threads = 1;
  /// What the run goes on from; null where it begins.
  const checkpoint::Reader* restart = nullptr;
  /// The surrogates that simulation ranks hold, as they were made.
  mutable std::vector<Surrogate::Implementation*> clients;
  /// Of what is open now: false once ranks were split anew. Never null.
  std::shared_ptr<bool> life = std::make_shared<bool>(true);
  /// Whether what is open ends because ranks are split anew, and goes on in the next split; ML
  /// ranks know it before any channel is closed.
  bool parting = false;
  /// What simulation ranks keep of steered quantities between splits, by name.
  mutable std::map<std::string, std::shared_ptr<steering::Kept>> kept;

  [[nodiscard]] const Roles& mine() const
  {
    return roles[static_cast<std::size_t>(mpi::rank(everyone.get()))];
  }
  [[nodiscard]] int count(bool Roles::*role) const;
  /// All ranks with a role.
  [[nodiscard]] std::vector<int> all(bool Roles::*role) const;
  /// The lowest rank with a role.
  [[nodiscard]] int first(bool Roles::*role) const;
  [[nodiscard]] mpi::Deadline deadline() const { return mpi::Deadline::in(settings.deadline); }
};

/// What an ML rank does for one coupler.
class Duty {
 public:
  virtual ~Duty() = default;
  /// Does what there is to do now, without waiting for the simulation; says whether there was
  /// anything.
  virtual bool poll() = 0;
  /// Whether the simulation has closed all channels and all is read.
  [[nodiscard]] virtual bool finished() = 0;
  /// Says whether this rank has something to do that waits for other ranks of the session. A
  /// service whose ranks work in rounds agrees on one after which none of them begins another;
  /// `held` then. With a `mark`, it is one at which everything is taken in that simulation ranks
  /// sent before their checkpoint of that number (see Surrogate::Implementation::mark): of
  /// deterministic runs, where nothing beyond is taken in before `hold(false)`.
  virtual void hold(bool wish, std::int64_t mark = 0)
  {
    static_cast<void>(wish);
    static_cast<void>(mark);
  }
  [[nodiscard]] virtual bool held() const { return true; }
  /// Adds what this rank has to keep of the coupler. Collective over the coupler's ranks, which are
  /// all held.
  virtual void snapshot(checkpoint::Snapshot&) {}
  /// Goes on from a checkpoint. Called once, on all ranks of the coupler, before the first `poll`;
  /// throws where the checkpoint does not fit, on every rank where it does so on one.
  virtual void restore(const checkpoint::Reader&) {}
  /// Says that no answer comes any more, to those who still wait for one.
  virtual void close() = 0;
  /// Simulation ranks: closes, as ranks are to be split anew, and waits until what is under way has
  /// come, at most for the run's deadline: throws `Late` then.
  virtual void part() { close(); }
  /// Leaves windows to the end of the process instead of freeing them together.
  virtual void abandon() noexcept = 0;
};

}  // namespace cardan
