/// Twins: a model that runs beside its asset on one clock; a late answer is a wrong one.
#pragma once

#include <cardan/config.hpp>
#include <cardan/field.hpp>
#include <cardan/model.hpp>
#include <cardan/opened.hpp>

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include <mpi.h>

namespace cardan {

namespace twin {
class Client;
}

/// What became of a cycle's answer: it came by the deadline; after it, or never; or none was due,
/// because there are no twin ranks.
enum class TwinOutcome : std::uint8_t { on_time, missed, none };
const char* to_string(TwinOutcome outcome) noexcept;

/// What one cycle's answer was, on an asset rank.
struct TwinStamp {
  /// The cycle that it answers, and the newest whose observation is in it; -1: none yet.
  std::int64_t cycle = -1;
  std::int64_t observed = -1;
  /// Cycles between that observation and now; it grows while answers are missed.
  std::int64_t age_cycles = 0;
  /// Of the twin's model; 0 where it has none yet.
  std::uint32_t version = 0;
  /// Seconds from the cycle's publication until the answer was taken, and those of them that the
  /// twin worked for it: NaN after a miss. Seconds that were left until the deadline when it was
  /// sent (when it was taken, where clocks differ); zero or negative after a miss.
  double latency = 0;
  double work = 0;
  double slack = 0;
};

/// Sums over this asset rank's cycles.
struct TwinCounters {
  std::int64_t cycles = 0;
  std::int64_t on_time = 0;
  /// Cycles without an answer by their deadline; those of them whose answer came later (and was
  /// thrown away), and the longest row of them.
  std::int64_t missed = 0;
  std::int64_t late = 0;
  std::int64_t longest_outage = 0;
  /// Observations that faults of the run file left out, or held back for some cycles; those that
  /// the twin's ring had no room for.
  std::int64_t dropped = 0;
  std::int64_t delayed = 0;
  std::int64_t full = 0;
  /// Cycles that began later than the clock said, by more than a tenth of a period.
  std::int64_t overrun = 0;
};

/// A twin as an asset rank sees it; a handle, copied freely, valid as long as its session. Opening
/// (Session::twin) is collective over the session; nothing is allocated after that.
class Twin {
 public:
  using Fields = std::initializer_list<NamedField>;
  using FieldList = std::span<const NamedField>;

  /// Begins a cycle; they are counted from 0, each once, in order; some may be left out. With
  /// `realtime = true` it waits until the clock shows as many periods since the first; otherwise it
  /// returns at once. Not collective, but for the first cycle in real time, which begins together
  /// on all asset ranks.
  void begin(std::int64_t cycle);
  /// Sends this cycle's observation: fields as declared. Does not block: where the ring is full it
  /// is left out and counted. Faults that the run file injects (jitter, dropouts, late ones) happen
  /// here; jitter is slept. Once in a cycle.
  void publish(Fields observation);
  void publish(FieldList observation);
  /// Waits for the answer to this cycle until its deadline (on the asset's clock in real time, else
  /// `deadline` seconds from the publication). On time: it is in the fields as declared, and all
  /// asset ranks have the same cycle's. Missed: what the run file says of a miss: `last` leaves the
  /// fields as they are, `default` gives the run file's, `wait` goes on waiting until the run's
  /// deadline (it counts as missed; then it throws Late), `stop` throws Late on all asset ranks. An
  /// older cycle's answer is never taken, and one that has a number that is none counts as missed
  /// (`finite = true`). Without twin ranks fields stay as they are, or get the defaults. Once in a
  /// cycle. With several asset ranks collective over them: they agree by one MPI_Iallreduce of a
  /// number.
  TwinOutcome answer(Fields answer);
  TwinOutcome answer(FieldList answer);
  [[nodiscard]] const TwinStamp& stamp() const;
  [[nodiscard]] const TwinCounters& counters() const;
  /// As the run file says it: seconds between two cycles, whether the clock paces them.
  [[nodiscard]] double period() const;
  [[nodiscard]] bool realtime() const;

  explicit Twin(twin::Client& client, Life life = {}) : client_(&client, std::move(life)) {}

 private:
  Opened<twin::Client> client_;
};

/// A cycle as twin ranks see it; its memory is valid during the call. Numbers grow, but not always
/// by one: where the twin is behind, what is past its deadline comes as late.
struct TwinCycle {
  std::int64_t cycle = 0;
  /// Seconds of the asset's clock: cycle * period.
  double time = 0;
  /// Seconds left until the deadline when the call began; infinite where nothing is to be met.
  double left = 0;
  /// By asset rank: whether its observation is here. What is not here reads as zero.
  std::span<const std::uint8_t> here;
  /// For each observed field the numbers of all asset ranks, one after the other, dense.
  const std::byte* const* columns = nullptr;
  /// An observation of an earlier cycle that came late: it is given before the newer one, as a call
  /// of its own to TwinProcess::late.
  bool late = false;
};

/// The twin's own model as the coupler trains it in the background: `[twin.NAME] model` and
/// `[training.NAME]`. The same version on all twin ranks, swapped between two cycles only.
class TwinModel {
 public:
  virtual ~TwinModel() = default;
  /// 0: it cannot answer yet.
  [[nodiscard]] virtual std::uint32_t version() const = 0;
  /// Throws where it cannot answer.
  virtual void predict(const Batch& inputs, const Answers& answers) = 0;
  /// Gives samples to the trainer; copied. Those of the first twin rank count. Does not block: a
  /// trainer of its own that is far behind does not get them.
  virtual void teach(const Batch& inputs, const Batch& targets) = 0;
  /// Steps of the optimiser so far, and the loss on held-out samples of the version in use; NaN
  /// before the first. On the first twin rank.
  [[nodiscard]] virtual std::int64_t trained_steps() const = 0;
  [[nodiscard]] virtual double loss() const = 0;
  /// Whether the gate lets the model answer: see TwinModel::judge.
  [[nodiscard]] virtual bool trusted() const = 0;
  /// Tells the gate this cycle's squared errors against what was observed: of a forecast with the
  /// model, and of one without it. Over the last `gate.window` cycles that were judged the mean of
  /// the one with it has to be less by `gate.margin` of the other, or the model is not trusted; nor
  /// is it before there were as many. On the first twin rank; the verdict reaches all of them
  /// before the next cycle.
  virtual void judge(double with_model, double without) = 0;
};

/// Where a twin works: on the ML ranks of the session, or those that the run file names.
struct TwinPlace {
  std::string name;
  /// The twin ranks' own communicator; owned by the coupler.
  MPI_Comm comm = MPI_COMM_NULL;
  int rank = 0;
  int ranks = 1;
  int asset_ranks = 1;
  double period = 0;
  std::uint64_t seed = 0;
  int threads = 1;
  bool quiet = false;
  /// Where it may leave files; empty: nowhere.
  std::string folder;
};

/// What twin ranks do: code of one's own. All calls are made on all twin ranks together, in the
/// same order with the same arguments; they may be collective over the twin's communicator.
class TwinProcess {
 public:
  virtual ~TwinProcess() = default;
  /// What its model maps; nothing: it has none, and the run file must not ask for one.
  [[nodiscard]] virtual std::optional<Signature> learns() const { return {}; }
  /// Called once, before the first cycle, where the run file has a model.
  virtual void use(TwinModel& model) { static_cast<void>(model); }
  /// Assimilates and forecasts. `answer`: for each answered field room for its numbers, which the
  /// first rank fills; they go to all asset ranks.
  virtual void cycle(const TwinCycle& cycle, std::byte* const* answer) = 0;
  /// An observation of an earlier cycle; ignored unless this is overridden.
  virtual void late(const TwinCycle& cycle) { static_cast<void>(cycle); }
  /// All asset ranks have closed. What it writes belongs here.
  virtual void end() {}
};

/// `options` is `[twin.NAME] options`; `signature` the observation of one asset rank and the
/// answer. Called on all twin ranks; throws where they do not suit it.
using TwinMaker = std::function<std::unique_ptr<TwinProcess>(
    const Config& options, const Signature& signature, const TwinPlace& place)>;
/// Gives a kind of twin a name for run files. Call it on all ranks before the session opens.
void register_twin(const std::string& kind, TwinMaker maker);

}  // namespace cardan
