/// The simulation's side of the closure.
#pragma once

#include "couplers/closure/inside.hpp"
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
  Implementation(const Context& context, const closure::SurrogateSettings& settings, Open open);
  ~Implementation();
  Implementation(const Implementation&) = delete;
  Implementation& operator=(const Implementation&) = delete;

  Answer predict(Fields inputs, Fields outputs);
  void observe(Fields inputs, Fields outputs, std::span<const std::int64_t> samples);
  void observe_all(Fields inputs, Fields outputs);
  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  void bind(Fields inputs, Fields outputs);
  void check(Fields fields, const std::vector<FieldSpec>& bound) const;
  void check_samples(Fields inputs, Fields outputs) const;
  void check_writable(Fields outputs) const;
  void ask(Fields inputs, std::int64_t samples);
  void await(std::int64_t samples);
  void discard_stale();
  std::int64_t put(channel::OutLane& lane, Fields inputs, Fields outputs,
                   std::span<const std::int64_t> samples);
  void ask_inside(Fields inputs, Fields outputs, std::int64_t samples);
  void settle(std::size_t lane, Fields outputs, std::int64_t samples);
  void take_answers(const channel::Cut& cut, const std::byte* const* columns,
                    const closure::Verdict* verdicts, Fields outputs);
  void stamp(const channel::Header& header);
  void settle_late(std::size_t lane, Fields outputs, std::int64_t samples);
  void leave_to_solver(std::int64_t first, std::int64_t count);
  void remember(std::size_t part, const std::byte* rows, std::int64_t first, std::int64_t count);
  [[nodiscard]] bool usable(Fields fields, std::int64_t sample, const char* verb) const;

  const Context& context_;
  closure::SurrogateSettings settings_;
  Open open_;
  /// Null where there are no ML ranks.
  closure::Streams* streams_ = nullptr;
  /// Null where the model is evaluated on ML ranks.
  std::unique_ptr<closure::Inside> inside_;
  std::vector<const std::byte*> columns_;
  closure::Binding binding_;
  bool bound_ = false;
  Counters counters_;
  Stamp stamp_;
  std::int64_t ticket_ = 0;
  enum class State : std::uint8_t { idle, asked, answered };
  std::vector<State> lanes_;
  std::vector<std::int64_t> untrusted_;
  std::vector<std::int64_t> everything_;
  /// `late = "last"`: the last trusted answer of each sample, field after field, and whether there
  /// is one.
  std::vector<std::vector<std::byte>> last_;
  std::vector<bool> has_last_;
};

}  // namespace cardan
