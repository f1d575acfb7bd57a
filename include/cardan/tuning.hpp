/// Tunings: many trials of one training, of which a scheduler goes on with those that do well, and
/// ranks that simulate or train as it is needed.
#pragma once

#include <cardan/field.hpp>
#include <cardan/model.hpp>
#include <cardan/opened.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <mpi.h>

namespace cardan {

namespace tuning {
class Client;
}

/// One trial: a choice of what is tuned, on one rank or several.
struct TuningTrial {
  std::int64_t id = 0;
  /// Values of `[tuning.NAME.space]`, in its order (see Tuning::names); of a choice among words or
  /// lists, its number, from 0.
  std::vector<double> values;
  /// The same on all ranks that train it: `begin` makes the same trial on each of them.
  std::uint64_t seed = 0;
  /// Epochs that it has been trained for.
  std::int64_t epochs = 0;
  /// The ranks that train it together; MPI_COMM_SELF for one. Owned by the coupler, valid during a
  /// call.
  MPI_Comm comm = MPI_COMM_SELF;
};

/// What one training is, as the coupler sees it. Each function is called on the ranks that have the
/// trial; `slot` tells trials on one rank apart: it is free again after `drop`, which also comes
/// for all that are left when the run ends. Where a trial has several ranks, `train` is collective
/// over its communicator, and the first rank's `save` and loss count. What a function throws ends
/// the run on all ranks, with its message; one that throws on one rank only while others of its
/// trial wait for it in MPI holds those up.
struct TuningWork {
  /// Makes a new trial. `trial.epochs` is not zero where `load` follows.
  std::function<void(int slot, const TuningTrial& trial)> begin;
  /// Trains it for so many epochs and returns the loss to be judged, of which less is better; one
  /// that is not finite ends the trial.
  std::function<double(int slot, const TuningTrial& trial, std::int64_t epochs)> train;
  /// All that the rest of its training depends on: bytes that `load` of any rank goes on from, at
  /// most TuningShape::state_bytes. `load` into a trial whose values differ takes what fits
  /// (population-based training clones between trials of one architecture only).
  std::function<std::size_t(int slot, std::span<std::byte> state)> save;
  std::function<void(int slot, const TuningTrial& trial, std::span<const std::byte> state)> load;
  std::function<void(int slot)> drop;
  /// Optional: one piece of simulation that makes data; returns the samples that it made. Called on
  /// ranks that simulate.
  std::function<std::int64_t()> simulate;
};

struct TuningShape {
  /// The most bytes of a trial's state: so large are the slots of the windows that they are cloned
  /// through. 0: measured, where there is a `[tuning.NAME] model` and fields of samples; otherwise
  /// trials cannot move between ranks, nor be cloned.
  std::size_t state_bytes = 0;
  /// The fields of a sample, for Tuning::observe; none: the trainings make their own data.
  Features inputs;
  Features outputs;
};

/// A scheduler's word on a trial.
enum class TuningVerdict : std::uint8_t { begin, go_on, pause, promote, stop, clone, finish };
const char* to_string(TuningVerdict verdict) noexcept;

/// One piece of training that was done, in the order in which the ML rank heard of it.
struct TuningRecord {
  std::int64_t trial = 0;
  /// Rung of a halving, or generation of a population, from 0; epochs that the trial has then been
  /// trained for, those of the trial that it was cloned from among them, and those of this piece.
  int rung = 0;
  std::int64_t epochs = 0;
  std::int64_t piece = 0;
  double loss = 0;
  /// What led to it: begin, go_on, promote or clone; and what was said of it: go_on, pause (it may
  /// be promoted later), stop or finish.
  TuningVerdict cause = TuningVerdict::begin;
  TuningVerdict verdict = TuningVerdict::go_on;
  /// Of a clone: the trial whose state it went on from; otherwise -1.
  std::int64_t from = -1;
  /// The ranks that trained it: how many, and the first, counted among the simulation ranks.
  int ranks = 1;
  int rank = 0;
  /// On the first ML rank's clock from the begin; epochs of all trials done by then.
  double seconds = 0;
  std::int64_t total_epochs = 0;
};

/// The same on all simulation ranks after the run.
struct TuningReport {
  std::vector<TuningRecord> records;
  /// Of each trial that was begun: its values, one trial after another, in the order of their ids.
  std::vector<double> values;
  std::int64_t trials = 0;
  /// The best: trial, loss, epochs that it was trained for.
  std::int64_t best = -1;
  double best_loss = 0;
  std::int64_t best_epochs = 0;
  /// Epochs in all, and when the target was reached first (`[tuning.NAME] target`); -1: never.
  std::int64_t total_epochs = 0;
  std::int64_t epochs_to_target = -1;
  double seconds_to_target = -1;
  /// Epochs of trials that did not go on to the end, as a share of all.
  double killed_fraction = 0;
  /// Trials that ended because their loss was not finite; that went on from another one's state;
  /// that went on on another rank; and states that had to make room for others, so that their
  /// trials would begin anew.
  std::int64_t diverged = 0;
  std::int64_t clones = 0;
  std::int64_t migrations = 0;
  std::int64_t evicted = 0;
  /// Rank-seconds of training, of simulating and of waiting; times that a rank changed between the
  /// two.
  double training = 0;
  double simulating = 0;
  double waiting = 0;
  std::int64_t moves = 0;
  /// Samples of the training, of those held out, and those for which there was no room.
  std::int64_t samples = 0;
  std::int64_t held_out = 0;
  std::int64_t lost_samples = 0;
  double wall = 0;
  /// Ranks that simulated, over time: each entry holds until the next. On the clock of `seconds`.
  struct Use {
    double seconds = 0;
    int simulating = 0;
    int training = 0;
  };
  std::vector<Use> use;

  /// The values of a trial that was begun.
  [[nodiscard]] std::span<const double> values_of(std::int64_t trial) const
  {
    const std::size_t each = trials > 0 ? values.size() / static_cast<std::size_t>(trials) : 0;
    return {values.data() + static_cast<std::size_t>(trial) * each, each};
  }
};

/// A tuning as a simulation rank sees it; a handle, copied freely, valid as long as its session.
/// Opening (Session::tuning) is collective over the session. Trials are trained in the simulation
/// ranks' processes; the ML rank runs the scheduler.
class Tuning {
 public:
  using Fields = std::initializer_list<NamedField>;
  /// Keeps samples: batches as they were declared (TuningShape), copied into this rank's part of a
  /// window, from which ranks that train copy what they have not seen: each of them gets the
  /// samples of all. Where this rank's part is full (`[tuning.NAME] samples`), what is over is left
  /// out and counted. Before `run`, and in its `simulate`. Not collective; does not block. Throws
  /// where a field is not as it was declared.
  void observe(Fields inputs, Fields outputs);
  /// The same for samples that are judged by, and not trained on.
  void hold_out(Fields inputs, Fields outputs);
  /// Samples of all ranks as this rank knows them: copies what it has not seen. For trainings of
  /// one's own; valid until the next call, and until `simulate` ends. Not collective.
  struct Data {
    Batch inputs;
    Batch outputs;
  };
  [[nodiscard]] Data samples();
  [[nodiscard]] Data held_out();

  /// Trains `[tuning.NAME] model = {...}` as `[training.NAME]` says, with a trial's values in the
  /// place of what the run file has: of the space's keys those that begin with "model." belong to
  /// the model, others to the training ("optimizer.rate", "batch"). An epoch goes once through the
  /// samples that are there; several ranks average their gradients; the loss is the one of what was
  /// held out. The module is loaded in the simulation's process. Its `simulate` is empty: set it
  /// where data is made. Throws where there is no model or no fields were declared.
  [[nodiscard]] TuningWork model_work();

  /// Trains and simulates as the scheduler says until it is done. Collective over the simulation
  /// ranks in its begin and its end; blocking. What `work` throws ends the run on all ranks.
  /// Without ML ranks the first simulation rank schedules, and all trials run there. Another call
  /// does nothing and gives the same report.
  const TuningReport& run(const TuningWork& work);
  [[nodiscard]] const TuningReport& report() const;
  /// What is tuned, in the order of a trial's values; the words of a choice, empty for numbers.
  [[nodiscard]] const std::vector<std::string>& names() const;
  [[nodiscard]] const std::vector<std::string>& words(std::string_view name) const;

  /// After the run, on any rank, not collective: the state that `save` gave when the best loss was
  /// found; empty where no trial has one.
  [[nodiscard]] const std::vector<std::byte>& best_state() const;
  /// What the best model says, of `model_work` only.
  void predict(Fields inputs, Fields outputs);
  /// Writes it to a file that a surrogate is loaded from. One rank calls it.
  void save(const std::string& path);

  explicit Tuning(tuning::Client& client, Life life = {}) : client_(&client, std::move(life)) {}

 private:
  Opened<tuning::Client> client_;
};

}  // namespace cardan
