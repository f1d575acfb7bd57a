/// The simulation's side of the closure: what its clients have in common.
#pragma once

#include "couplers/closure/streams.hpp"
#include "session/context.hpp"

#include <cardan/surrogate.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace cardan {

/// What stands behind a Surrogate handle.
class Surrogate::Implementation {
 public:
  /// Opens the streams: collective over the simulation ranks and, through the session, the ML
  /// ranks. Null where there are no ML ranks. The session keeps what it returns until the end.
  using Open = std::function<closure::Streams*(const closure::Binding&)>;
  using Fields = Surrogate::FieldList;
  virtual ~Implementation();
  Implementation(const Implementation&) = delete;
  Implementation& operator=(const Implementation&) = delete;

  virtual Answer predict(Fields inputs, Fields outputs) = 0;
  virtual void observe(Fields inputs, Fields outputs, std::span<const std::int64_t> samples) = 0;
  virtual void observe_all(Fields inputs, Fields outputs) = 0;
  [[nodiscard]] const Counters& counters() const { return counters_; }
  /// Throws where its split of ranks has ended.
  void expect_open() const;
  /// Says that what was observed so far is what a checkpoint has: deterministic runs only, nothing
  /// in others. All simulation ranks call it at the same place between two calls of `predict`, with
  /// the checkpoint's number, from 1 on and growing; a Duty::hold of that number has to follow. Not
  /// collective; waits for room.
  void mark(std::int64_t checkpoint);
  /// Adds what this rank has counted.
  void snapshot(checkpoint::Snapshot& snapshot) const;

 protected:
  Implementation(const Context& context, const closure::SurrogateSettings& settings, Open open);
  /// One that hands calls on to another, which is the one that the session knows.
  Implementation(const Context& context, const closure::SurrogateSettings& settings,
                 const Implementation& other);

  [[nodiscard]] const Context& context() const { return context_; }
  [[nodiscard]] const closure::SurrogateSettings& settings() const { return settings_; }
  /// Throws unless the fields are those that the run file names.
  [[nodiscard]] std::vector<FieldSpec> named(Fields fields, const std::vector<std::string>& names,
                                             const char* kind) const;
  /// Opens the streams of what all simulation ranks declare.
  void open(const closure::Binding& binding);
  /// Throws where an output is made from const data.
  void check_writable(Fields outputs) const;
  /// Throws, or is false, as the run file says: a field is not a number in `where`.
  bool refuse_number(std::string_view field, const std::string& where, const char* verb) const;
  /// Waits for the replies that `lanes_` expects: until the deadline, or, where the run file says
  /// "wait" or the run is deterministic, the session's.
  void await();
  /// Whether this client takes turns with training, as the run is deterministic.
  [[nodiscard]] bool takes_turns() const { return takes_turns_; }
  /// Whether it waits for its turn: it takes turns, and no wait was in vain so far.
  [[nodiscard]] bool in_step() const { return in_step_; }
  /// Where turns are taken: begins the next `predict`, whose number is then `predictions_`.
  void begin_predict();
  /// Whether a lane has room; in step, waits for it.
  [[nodiscard]] bool room(channel::OutLane& lane)
  {
    return lane.room() || (in_step_ && wait(lane));
  }
  /// A wait was in vain: the run goes on, and is not reproducible any more.
  void fall_out_of_step(const char* what);
  void stamp(const channel::Header& header);
  /// Null where there are no ML ranks.
  [[nodiscard]] closure::Streams* streams() const { return streams_; }

  enum class State : std::uint8_t { idle, asked, answered };
  /// By incoming lane of the replies.
  std::vector<State> lanes_;
  closure::Binding binding_;
  Counters counters_;
  Stamp stamp_;
  /// The newest request's.
  std::int64_t ticket_ = 0;
  std::vector<std::int64_t> untrusted_;
  /// Where turns are taken: calls of `predict` that have begun.
  std::int64_t predictions_ = 0;

 private:
  void discard_stale();
  [[nodiscard]] bool wait(channel::OutLane& lane);
  void restore_counters();

  const Context& context_;
  closure::SurrogateSettings settings_;
  Open open_;
  Life life_;
  closure::Streams* streams_ = nullptr;
  bool takes_turns_ = false;
  bool in_step_ = false;
};

namespace closure {

/// A client of batches, or of a grid.
std::unique_ptr<Surrogate::Implementation> make_client(const Context& context,
                                                       const SurrogateSettings& settings,
                                                       Surrogate::Implementation::Open open);

}  // namespace closure

}  // namespace cardan
