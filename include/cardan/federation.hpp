/// Federations: silos that train one model together and never show each other their data.
#pragma once

#include <cardan/field.hpp>
#include <cardan/model.hpp>
#include <cardan/opened.hpp>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include <mpi.h>

namespace cardan {

namespace federation {
class Client;
}

/// What a silo knows after a round; the same on all its ranks.
struct FederationRound {
  /// From 0: the version of the global model that was trained from; with `mode = "async"` the
  /// number of this silo's own.
  std::int64_t round = 0;
  /// Of the global model that this silo now holds.
  std::uint32_t version = 0;
  /// Mean losses, as `[training.NAME]` says: over the mini-batches of this round's local steps
  /// (with one full batch: of the model that the round began with), and of the global model that
  /// came back over this silo's training samples and over those that it holds out. NaN where there
  /// are none.
  double local_loss = 0;
  double global_loss = 0;
  double validation_loss = 0;
  /// This silo's training samples, and its optimiser steps in this round: 0 where it was not chosen
  /// (`participation`), has no samples, or the federation waits without it.
  std::int64_t samples = 0;
  std::int64_t steps = 0;
  /// Euclidean norm of the update before it was clipped, and the factor that clipping left of it.
  double update_norm = 0;
  double clipped = 1;
  /// Whether this silo's update is in the model that came back: false where it was not chosen, was
  /// late, or was refused (not finite).
  bool taken = false;
  /// Whether a model came back at all before the deadline; where none did, the silo goes on with
  /// the one that it trained.
  bool answered = false;
  /// Silos whose updates made that model; left out of it because they were late; refused, so far
  /// in the whole run.
  int participants = 0;
  int late = 0;
  std::int64_t refused = 0;
  /// Versions by which the update was behind when it was taken in (async).
  std::int64_t staleness = 0;
  /// The privacy budget that is spent so far by this silo's own updates, each seen by the
  /// aggregator: epsilon at the run file's `delta` for its `unit`; infinite without noise, 0 before
  /// the first update.
  double epsilon = 0;
  /// Bytes of this round's update as it moved (a header of 64 bytes and the update), and as it
  /// would have been uncompressed; bytes of the models that came back.
  std::int64_t moved_bytes = 0;
  std::int64_t raw_bytes = 0;
  std::int64_t received_bytes = 0;
  /// Seconds of local training and of waiting.
  double training = 0;
  double waiting = 0;
  /// Whether this was the last round: another call trains nothing and gives this one again.
  bool last = false;
};

/// A federation as one rank of a silo sees it; a handle, copied freely, valid as long as its
/// session. Opening (Session::federation) is collective over the session. Silos are simulation
/// ranks, or groups of them (`ranks_per_silo`); data stays in their processes: training is done
/// there, in the simulation's own process, which loads the model's module; only updates of weights
/// cross, and where normalisation is joined once, sums over samples.
class Federation {
 public:
  using Fields = std::initializer_list<NamedField>;
  [[nodiscard]] int silo() const;
  [[nodiscard]] int silos() const;
  /// The ranks of this silo. Owned by the session.
  [[nodiscard]] MPI_Comm silo_comm() const;
  /// Keeps samples for this silo's training: batches, copied, never sent. Throws where a field is
  /// not as it was declared. Not collective.
  void observe(Fields inputs, Fields outputs);
  /// Samples that are not trained on. Not collective.
  void hold_out(Fields inputs, Fields outputs);
  /// One round: trains on what was observed, sends the update, takes the global model. With
  /// `mode = "sync"` blocks until all silos of the round have answered or the deadline has passed
  /// (a silo that is late is left out, and counted; it goes on from the newest model, so that its
  /// rounds may skip numbers: loop until `last`); with `async` it waits for the aggregator's
  /// answer to its own update only. An update that is not finite is refused, and the silo gets the
  /// global model. Collective over the silo; an error of one of its ranks is the same error on
  /// all, and the other silos go on without it. Without ML ranks silos train alone.
  FederationRound round();
  /// What the global model that this silo holds says; nothing crosses. Not collective.
  void predict(Fields inputs, Fields outputs);
  /// Writes it to a file that a surrogate is loaded from. Not collective: one rank calls it.
  void save(const std::string& path) const;
  /// All rounds so far, oldest first.
  [[nodiscard]] const std::vector<FederationRound>& rounds() const;

  explicit Federation(federation::Client& client, Life life = {})
      : client_(&client, std::move(life))
  {}

 private:
  Opened<federation::Client> client_;
};

}  // namespace cardan
