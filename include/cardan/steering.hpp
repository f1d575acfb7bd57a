/// Steering: reports of a simulation go to ML ranks, decisions come back, and are taken where the
/// simulation chooses.
#pragma once

#include <cardan/config.hpp>
#include <cardan/field.hpp>
#include <cardan/model.hpp>
#include <cardan/opened.hpp>
#include <cardan/state.hpp>

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cardan {

namespace steering {
class Handle;
}

/// Where a decision comes from, and how old it is.
struct DecisionStamp {
  /// Grows by one with each decision of an ML rank, from 1; 0: there was none yet.
  std::int64_t id = 0;
  /// The ML rank that decided, in the session's communicator.
  int rank = -1;
  /// The step of the report that it was made from.
  std::int64_t step = -1;
  /// Steps between that one and the current step.
  std::int64_t age_steps = 0;
  /// Of the model that decided; 0 where it has none.
  std::uint32_t version = 0;
  /// Seconds from the report until it was taken, and those of them that the decider worked for it
  /// (inference, scoring). NaN where no report led to it, or clocks differ (other nodes).
  double latency = 0;
  double work = 0;
  /// Why, in a few words. Valid until the next decision is taken.
  std::string_view reason;
};

/// Sums over this rank's reports and decisions.
struct SteeringCounters {
  std::int64_t reported = 0;
  /// Reports left out because the ML rank had not read what was in its ring.
  std::int64_t dropped = 0;
  /// Decisions that arrived, were applied, and were newer than the one applied before but older
  /// than the run file allows (of those, `late = "apply"` applies them all the same).
  std::int64_t arrived = 0;
  std::int64_t applied = 0;
  std::int64_t late = 0;
  /// Decisions that a newer one replaced before they were taken.
  std::int64_t superseded = 0;
};

/// A steered quantity as a simulation rank sees it; a handle, copied freely, valid as long as its
/// session. Not collective but for its opening (Session::steering); allocates nothing after that.
class Steering {
 public:
  using Fields = std::initializer_list<NamedField>;
  /// The same where their number is known at run time only.
  using FieldList = std::span<const NamedField>;

  /// Sends what the ML ranks decide from: fields as declared, in that order (arrays of the declared
  /// shape, any strides), stamped with the session's step. Does not block: where the ring is full
  /// the report is dropped and counted, unless the run file says `full = "wait"`. They may be
  /// changed as soon as it returns.
  void report(Fields fields);
  void report(FieldList fields);
  /// Takes the newest decision that has arrived, if there is one, into fields as declared, and says
  /// whether it did. Where there is none they keep what they hold, or get the run file's defaults
  /// (`none = "default"`). Does not block.
  bool poll(Fields fields);
  bool poll(FieldList fields);
  /// The same, but waits for a decision at most so many seconds; 0: what the run file says.
  bool wait(Fields fields, double seconds = 0);
  bool wait(FieldList fields, double seconds = 0);
  /// Of the decision that was applied last.
  [[nodiscard]] const DecisionStamp& stamp() const;
  [[nodiscard]] const SteeringCounters& counters() const;

  explicit Steering(steering::Handle& handle, Life life = {}) : handle_(&handle, std::move(life)) {}

 private:
  Opened<steering::Handle> handle_;
};

/// A report as a decider sees it. Its memory is the ring's: valid during the call.
struct Report {
  /// Which simulation rank, counted among those; and the number of its report, from 0.
  int rank = 0;
  std::int64_t number = 0;
  std::int64_t step = 0;
  /// What a coupler gave besides.
  std::int32_t tag = 0;
  std::int32_t part = 0;
  double values[2] = {0, 0};
  /// When it was ready: nanoseconds of the reporting rank's steady clock.
  std::int64_t clock = 0;
  /// For each declared field its numbers, row-major and dense.
  const std::byte* const* columns = nullptr;
};

/// A decision as a decider gives it.
struct Ruling {
  /// Simulation ranks, counted among those; empty: all.
  std::span<const int> to;
  /// The step and the clock of the report that it was made from; -1 and 0: none.
  std::int64_t step = -1;
  std::int64_t clock = 0;
  std::uint32_t version = 0;
  std::int32_t tag = 0;
  /// Seconds that inference and scoring took.
  double work = 0;
  /// At most 63 bytes are kept.
  std::string_view reason;
  /// For each declared field its numbers, row-major and dense; copied.
  const std::byte* const* columns = nullptr;
};

/// Where a decider sends decisions to.
class Outbox {
 public:
  virtual ~Outbox() = default;
  /// Never blocks: a decision that finds a rank's ring full waits in its place until there is room,
  /// or is replaced by the next one with the same tag to that rank (counted there as superseded).
  /// Returns the decision's id.
  virtual std::int64_t send(const Ruling& ruling) = 0;
  /// How many simulation ranks there are.
  [[nodiscard]] virtual int ranks() const = 0;
};

/// What an ML rank does with reports. Its calls do not wait for other ranks.
class Decider {
 public:
  virtual ~Decider() = default;
  virtual void see(const Report& report, Outbox& outbox) = 0;
  /// Called whenever no report waits, for what takes longer: training, scoring. Says whether there
  /// was anything to do. Should return within milliseconds: reports wait meanwhile.
  virtual bool work(Outbox& outbox)
  {
    static_cast<void>(outbox);
    return false;
  }
  /// A simulation rank has closed its end: nothing more comes from it.
  virtual void left(int rank, Outbox& outbox)
  {
    static_cast<void>(rank);
    static_cast<void>(outbox);
  }
  /// All have. What it writes to the log or to files belongs here.
  virtual void end() {}
  /// In place of `end` where ranks are split anew (Session::resplit): what the deciders of the next
  /// split have to know. Where it has nothing, `end` follows, and they begin anew.
  [[nodiscard]] virtual std::optional<State> hand_over() { return {}; }
  /// The first call on a decider that goes on from those before it, whose states these are, in the
  /// order of their `index`; the numbers of deciders and of simulation ranks may be others.
  virtual void take_over(const std::vector<State>& before) { static_cast<void>(before); }
};

/// Where a decider works.
struct DeciderPlace {
  std::string name;
  /// In the session's communicator.
  int rank = 0;
  /// Simulation ranks whose reports come here: those whose number, modulo `deciders`, is `index`.
  int index = 0;
  int deciders = 1;
  int simulation_ranks = 1;
  int threads = 1;
  std::uint64_t seed = 0;
  bool quiet = false;
  /// Whether all ranks of the session share a node, and so a clock.
  bool one_clock = false;
};

/// `table` is `[steering.NAME] options`. Throws where the fields do not suit it. `signature`: the
/// reports' fields and the decisions'.
using DeciderMaker = std::function<std::unique_ptr<Decider>(
    const Config& table, const Signature& signature, const DeciderPlace& place)>;
/// Gives a kind of decider a name for run files. Call it on all ranks before the session opens.
void register_decider(const std::string& kind, DeciderMaker maker);

}  // namespace cardan
