/// Sessions: one coupled run, split into roles.
#pragma once

#include <cardan/channel.hpp>
#include <cardan/config.hpp>
#include <cardan/service.hpp>
#include <cardan/surrogate.hpp>

#include <mpi.h>

#include <cstdint>
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
};

/// Where a rank of a session is and what it does.
struct RankPlace {
  std::string host;
  /// "simulation", "inference", "training" or "inference+training".
  std::string role;
};

class Session;

/// The steps of a loop: `for (auto step : session.steps(100))`; the session knows which one is
/// running.
class Steps {
 public:
  class Iterator {
   public:
    Iterator(Session& session, std::int64_t step) : session_(&session), step_(step) {}
    /// The step begins: collective over the simulation ranks where the run file has something
    /// written together in it.
    std::int64_t operator*() const;
    Iterator& operator++()
    {
      ++step_;
      return *this;
    }
    bool operator!=(const Iterator& other) const { return step_ != other.step_; }

   private:
    Session* session_;
    std::int64_t step_;
  };
  Steps(Session& session, std::int64_t count) : session_(&session), count_(count) {}
  [[nodiscard]] Iterator begin() const { return {*session_, 0}; }
  [[nodiscard]] Iterator end() const { return {*session_, count_}; }

 private:
  Session* session_;
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
  /// ML ranks: works until the simulation ends. Returns an exit status: 0, or 1 where the
  /// simulation ended with an error.
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
  /// Counts the steps of a loop, so that answers are stamped with them. The first call is
  /// collective over the simulation ranks: tables and keys of the run file that nobody knows are an
  /// error then.
  [[nodiscard]] Steps steps(std::int64_t count);
  /// The same for a loop that counts by itself: says which step begins. Smaller than the one before
  /// it, it begins another loop.
  void begin_step(std::int64_t step);
  [[nodiscard]] std::int64_t step() const;

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
