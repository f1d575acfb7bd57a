/// Sessions: one coupled run, split into roles.
#pragma once

#include <cardan/channel.hpp>
#include <cardan/config.hpp>
#include <cardan/ensemble.hpp>
#include <cardan/federation.hpp>
#include <cardan/inverse.hpp>
#include <cardan/pipeline.hpp>
#include <cardan/reduction.hpp>
#include <cardan/service.hpp>
#include <cardan/steering.hpp>
#include <cardan/surrogate.hpp>
#include <cardan/tuning.hpp>
#include <cardan/twin.hpp>

#include <mpi.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cardan {

/// What a rank's program is: a simulation, whose ranks may be split as the run file says, or
/// `cardan-ml`.
enum class Program { simulation, ml };

struct SessionOptions {
  Program program = Program::simulation;
  /// Takes the place of `[run] seed`; simulation rank 0's counts for all ranks.
  std::optional<std::int64_t> seed;
  /// Without ML ranks whatever the run file says: the solver does all.
  bool without_ml = false;
  /// Takes the place of `[run] folder`: where the run leaves run.json and its decision log.
  std::optional<std::string> folder;
  /// A decision log with answers (`[decisions] answers = true`), whose run is to be repeated
  /// without ML ranks, on the same number of simulation ranks; empty: none.
  std::string replay;
  /// Takes the place of `[checkpoint] restart`: a checkpoint's file, or `latest`; simulation rank
  /// 0's counts for all ranks.
  std::string restart;
};

/// What a checkpoint says of a protected field, and who writes it.
struct ProtectOptions {
  /// Names of its axes, such as `y x species`.
  std::string axes;
  std::string units;
  /// All ranks hold the same: the first one's is written, and all read it.
  bool replicated = false;
};

/// Where a rank of a session is and what it does.
struct RankPlace {
  std::string host;
  /// "simulation", "inference", "training" or "inference+training".
  std::string role;
};

class Session;

/// The steps of a loop: `for (auto step : session.steps(100))`; the session knows which one is
/// running. A run that goes on from a checkpoint begins where that was written, and one that is to
/// stop ends early (see Session::stopping).
class Steps {
 public:
  class Iterator {
   public:
    Iterator(const Steps& steps, std::int64_t step) : steps_(&steps), step_(step) {}
    std::int64_t operator*() const { return *steps_->current_ = step_; }
    /// Ends the step: writes a checkpoint where one is due, and now and then what the decision log
    /// has (collective over the simulation ranks).
    Iterator& operator++()
    {
      step_ = steps_->next(step_);
      return *this;
    }
    bool operator!=(const Iterator& other) const { return step_ != other.step_; }

   private:
    const Steps* steps_;
    std::int64_t step_;
  };
  [[nodiscard]] Iterator begin() const { return {*this, first_}; }
  [[nodiscard]] Iterator end() const { return {*this, count_}; }

 private:
  friend class Session;
  Steps(Session& session, std::int64_t& current, std::int64_t first, std::int64_t count)
      : session_(&session), current_(&current), first_(first), count_(count)
  {}
  [[nodiscard]] std::int64_t next(std::int64_t step) const;

  Session* session_;
  std::int64_t* current_;
  std::int64_t first_;
  std::int64_t count_;
};

/// One coupled run. Splits a communicator into simulation and ML ranks: by program where
/// `cardan-ml` was launched beside the simulation, else as `[ranks] ml` says; a session without ML
/// ranks is valid.
class Session {
 public:
  /// Collective over `comm` (duplicated, otherwise untouched) and blocking; MPI must be
  /// initialised. Reads and checks the run file; throws the same error on all ranks.
  Session(MPI_Comm comm, const std::string& run_file, const SessionOptions& options = {});
  /// Simulation ranks: tells ML ranks that this was all, and is collective over the session; while
  /// an exception passes through it is neither collective nor blocking.
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Whether this rank is an ML rank: it then has to call `serve` and nothing else.
  [[nodiscard]] bool serves() const;
  /// ML ranks: works until the simulation ends, or ranks are split anew (`follow_split`). Returns
  /// an exit status: 0, or 1 where the simulation ended with an error.
  int serve();

  /// The ranks of this rank's kind: the simulation's own communicator, to be used instead of
  /// MPI_COMM_WORLD. Owned by the session.
  [[nodiscard]] MPI_Comm comm() const;
  /// The simulation's own table of the run file. Its keys are to be asked for before the first use
  /// of `steps`, a surrogate or a service: one that nobody asked for is an error then.
  [[nodiscard]] Config config(const std::string& table) const;
  /// The field with its dimensions in the order of the run file's `[field.NAME] axes`; `axes` names
  /// them as the caller indexes the array, first index first: "species cell". No copy. Throws where
  /// names differ from the run file's, and where it states axes of an array of several dimensions
  /// and `axes` is empty. Without `[field.NAME]` dimensions stay as they are, and have no names.
  [[nodiscard]] Field arranged(const std::string& name, const Field& field,
                               std::string_view axes) const;
  /// Simulation ranks: the model that the run file calls `[surrogate.NAME]`. Opened by its first
  /// use.
  [[nodiscard]] Surrogate surrogate(const std::string& name);
  /// Simulation ranks: opens what the run file calls `[service.NAME]`, for requests with these
  /// batches; the first extent is the most samples of a request. Collective over the session and
  /// blocking, until all handlers are made; throws the same error on all ranks. Without ML ranks it
  /// has no instances, and every request fails at once.
  [[nodiscard]] Service service(const std::string& name, const std::vector<FieldSpec>& inputs,
                                const std::vector<FieldSpec>& outputs);
  /// Simulation ranks: opens what the run file calls `[steering.NAME]`: the fields of a report, and
  /// those of a decision, each with its shape (nothing counts samples; empty: one number).
  /// Collective over the session and blocking; throws the same error on all ranks. Without ML ranks
  /// no decision ever comes.
  [[nodiscard]] Steering steering(const std::string& name, const Features& report,
                                  const Features& decision);
  /// Simulation ranks: opens what the run file calls `[ensemble.NAME]`. Collective over the session
  /// and blocking; throws the same error on all ranks. Without ML ranks members are independent.
  [[nodiscard]] Ensemble ensemble(const std::string& name, const EnsembleShape& shape);
  /// Simulation ranks: opens what the run file calls `[twin.NAME]`: the fields of one rank's
  /// observation, the same on all, and those of an answer, each with its shape. Collective over the
  /// session and blocking; throws the same error on all ranks. Without ML ranks no answer comes.
  [[nodiscard]] Twin twin(const std::string& name, const Features& observation,
                          const Features& answer);
  /// Simulation ranks: opens what the run file calls `[reduction.NAME]`: this rank's fields, whose
  /// names, dtypes, numbers of dimensions and components are the same on all. Collective over the
  /// session and blocking; throws the same error on all ranks. Without ML ranks fields are encoded,
  /// and go nowhere.
  [[nodiscard]] Reduction reduction(const std::string& name,
                                    const std::vector<ReductionField>& fields);
  /// Simulation ranks: opens what the run file calls `[federation.NAME]`: what its model maps, the
  /// same on all. Collective over the session and blocking; throws the same error on all ranks.
  /// Without ML ranks each silo trains alone.
  [[nodiscard]] Federation federation(const std::string& name, const Features& inputs,
                                      const Features& outputs);
  /// Simulation ranks: opens what the run file calls `[pipeline.NAME]`. Collective over the session
  /// and blocking; throws the same error on all ranks. Without ML ranks every candidate goes
  /// through all stages.
  [[nodiscard]] Pipeline pipeline(const std::string& name, const PipelineShape& shape);
  /// Simulation ranks: opens what the run file calls `[inverse.NAME]`; the problem is copied.
  /// Collective over the session and blocking; throws the same error on all ranks. Without ML ranks
  /// chains have no surrogate.
  [[nodiscard]] Inverse inverse(const std::string& name, const InverseProblem& problem);
  /// Simulation ranks: opens what the run file calls `[tuning.NAME]`. Collective over the session
  /// and blocking; throws the same error on all ranks. Without ML ranks one rank does all.
  [[nodiscard]] Tuning tuning(const std::string& name, const TuningShape& shape);
  /// Counts the steps of a loop, so that answers are stamped with them. The first call is
  /// collective over the simulation ranks: tables and keys of the run file that nobody knows are an
  /// error then.
  [[nodiscard]] Steps steps(std::int64_t count);
  /// The same for a loop that counts by itself: says which step begins. Smaller than the one before
  /// it, it begins another loop.
  void begin_step(std::int64_t step);
  [[nodiscard]] std::int64_t step() const;

  /// Simulation ranks: a field that is part of every checkpoint, as `fields/NAME`. It is not owned,
  /// stays as it is (address, shape), and lives as long as the session's loops. With a box it is a
  /// global array; without one a batch, of all ranks' samples; with no dimension a number, that of
  /// the first rank. Where the run goes on from a checkpoint the field is read at once, on any
  /// number of ranks, and the answer is true: it is then not to be initialised. Collective over the
  /// simulation ranks, blocking; throws the same error on all. Only loops that begin after the
  /// first call are part of checkpoints.
  bool protect(const std::string& name, const Field& field, const ProtectOptions& options = {});
  /// Simulation ranks: `work` runs before each checkpoint is copied, on all of them: brings what is
  /// protected up to date.
  void before_checkpoint(std::function<void()> work);
  /// Simulation ranks: writes a checkpoint now, of a step that is done, beside those of the run
  /// file's `[checkpoint]`; nothing where that names no file, or where the run is to stop: its last
  /// one is written. Before any loop it is of what the run began with. Collective over the
  /// simulation ranks; blocks while the one before it is written, and with `async = true` no longer
  /// than a copy otherwise.
  void checkpoint();
  /// Waits until all checkpoints are whole; false where the newest could not be written. Collective
  /// over the simulation ranks, blocking.
  bool finish_checkpoints();
  /// Whether the run goes on from a checkpoint, and for a loop that counts by itself, with which
  /// step: 0 where it does not.
  [[nodiscard]] bool restarted() const;
  [[nodiscard]] std::int64_t first_step() const;
  /// Whether the run is to stop, as `[checkpoint]` says (a signal, a limit of time); its last
  /// checkpoint is then written. `steps` ends by itself; a loop that counts by itself asks after
  /// `begin_step`, and leaves.
  [[nodiscard]] bool stopping() const;

  /// Simulation ranks: asks for another split of the ranks, at the next safe point: the end of the
  /// step (`steps` ends its loop then), or of the body. So many ML ranks, which are taken from the
  /// job's end (`cardan-ml`'s first); of them `training` train, 0: as the run file says. What was
  /// under way comes to its end, models go on where they were on the ranks that are ML ranks then,
  /// and `run` calls the body again on the ranks that simulate then, as a run that goes on from a
  /// checkpoint (see `protect` and `first_step`), but from memory. Collective over the simulation
  /// ranks, the same on all; throws the same error on all, and nothing has changed then, where
  /// there are no such ranks, the run file wants others, or a rank would simulate that runs
  /// `cardan-ml`. The last call counts. Nothing where the session has SessionOptions::without_ml.
  void resplit(int ml_ranks, int training = 0);
  /// The same with these ranks of the session's communicator as ML ranks.
  void resplit_to(const std::vector<int>& ml_ranks, int training = 0);
  /// Whether another split was asked for: `steps` ends by itself; a loop that counts by itself asks
  /// after `begin_step`, and leaves; what belongs to the end of the run does not belong here.
  [[nodiscard]] bool splitting() const;
  /// For a code that owns its main: carries out what `resplit` asked for, on simulation ranks after
  /// their work, on ML ranks after `serve`. True where it did: this rank then has its next role,
  /// `comm` is another, and all handles are to be asked for anew. Collective over the session,
  /// blocking, at most for the run's deadline; throws `Late` then.
  bool follow_split();
  /// How often ranks were split anew.
  [[nodiscard]] int splits() const;

  [[nodiscard]] int ml_ranks() const;
  [[nodiscard]] std::int64_t seed() const;
  /// Host and role of every rank, in rank order.
  [[nodiscard]] const std::vector<RankPlace>& rank_map() const;
  /// What the ML ranks compute with, such as "LibTorch 1.13.1"; empty before a surrogate was
  /// opened.
  [[nodiscard]] const std::string& ml_library() const;
  [[nodiscard]] const std::string& run_file_text() const;

  class Implementation;
  Implementation& implementation() { return *implementation_; }

 private:
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace cardan
