/// The simulation's end: reports go out, decisions come in.
#pragma once

#include "couplers/steering/ends.hpp"
#include "couplers/steering/wire.hpp"

#include <cardan/field.hpp>
#include <cardan/steering.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace cardan::steering {

/// What to do where the ring of reports is full.
enum class Full { drop, wait };

/// Whether a field is an array of the declared dtype and shape; any strides.
bool suits(const Field& field, const Feature& feature);

/// A decision where it lies in the ring; valid until the next one is looked for.
struct Incoming {
  DecisionHeader header;
  /// The decider, in the session's communicator.
  int rank = 0;
  std::string_view reason;
  const channel::InLane* lane = nullptr;
  /// Where it lies elsewhere (`lane` is null): its fields.
  const std::vector<std::vector<std::byte>>* columns = nullptr;
  /// The numbers of a declared field, row-major and dense.
  [[nodiscard]] const std::byte* data(std::size_t field) const
  {
    return lane != nullptr ? lane->data(field) : (*columns)[field].data();
  }
};

/// Not collective but for opening and closing; allocates nothing after opening.
class Client {
 public:
  /// Collective over the session and blocking: the other half is Desk.
  Client(const Context& context, const Declaration& declaration);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Whether there are ML ranks at all.
  [[nodiscard]] bool coupled() const { return ends_.reports != nullptr; }
  /// Sends a report; false where it was dropped. `header`: step, tag, part and values; number and
  /// clock are set here. `fields` as declared, in order: throws where they are not. `Full::wait`
  /// throws Late at the run's deadline, once: reports are dropped then until there is room again.
  /// Those that were dropped count as reports.
  bool report(const ReportHeader& header, std::span<const Field> fields, Full full);
  /// The next decision that waits, of any decider, in turn; the one before is given back.
  [[nodiscard]] std::optional<Incoming> next();
  /// The newest that waits, of all deciders; older ones are passed over, and the one before is
  /// given back. Of two deciders' the one made from the later step, or report, is newer.
  [[nodiscard]] std::optional<Incoming> newest();
  /// Gives the current one back.
  void release();
  /// Whether no decision can come any more: there are no deciders, or all have left and what they
  /// sent is read.
  [[nodiscard]] bool over();
  [[nodiscard]] const Ends& ends() const { return ends_; }
  [[nodiscard]] std::int64_t reported() const { return reported_; }
  [[nodiscard]] std::int64_t dropped() const { return dropped_; }
  /// Decisions that `next` and `newest` have seen; those that a newer one passed over, here or
  /// where they waited to be sent.
  [[nodiscard]] std::int64_t arrived() const { return arrived_; }
  [[nodiscard]] std::int64_t superseded() const;
  /// Says that nothing more comes.
  void close();
  void abandon() noexcept { ends_.abandon(); }

 private:
  [[nodiscard]] bool decider_left();
  [[nodiscard]] bool room(channel::OutLane& lane, Full full);
  Incoming hold(std::size_t lane);

  const Context& context_;
  Ends ends_;
  std::int64_t reported_ = 0;
  std::int64_t dropped_ = 0;
  std::int64_t arrived_ = 0;
  std::int64_t passed_over_ = 0;
  /// By decider: decisions that were replaced there.
  std::vector<std::int64_t> replaced_;
  /// The decider that reports go to.
  std::size_t mine_ = 0;
  /// The lane of decisions that is looked at next, and the one whose slot is being read; -1: none.
  std::size_t turn_ = 0;
  int held_ = -1;
  /// A report has waited in vain.
  bool stalled_ = false;
  bool closed_ = false;
};

}  // namespace cardan::steering
