/// What a session leaves behind: run.json and the decision log.
#pragma once

#include "couplers/closure/client.hpp"
#include "provenance/decision_log.hpp"
#include "provenance/run_record.hpp"
#include "provenance/settings.hpp"
#include "provenance/steering_log.hpp"
#include "session/context.hpp"

#include <cardan/error.hpp>
#include <cardan/session.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cardan {

namespace provenance {
class CallLog;
}

/// Every rank of a session has one; ML ranks' does nothing.
class Provenance {
 public:
  /// `settings` as the run file and the options say it. `steers`: there are couplers that ask for
  /// journals.
  Provenance(const Context& context, const provenance::Settings& settings,
             const std::vector<RankPlace>& map, const std::vector<std::string>& surrogates,
             bool steers, const std::string& replay);
  ~Provenance();

  /// A client whose calls are logged or replayed, where they are to be.
  [[nodiscard]] std::unique_ptr<Surrogate::Implementation> watched(
      const closure::SurrogateSettings& settings,
      std::unique_ptr<Surrogate::Implementation> client);
  /// Where the decisions of `[KIND.NAME]` are recorded, on simulation ranks and where the run is
  /// logged. The same order of calls on all of them. Both lists as SteeringLog has them; fields are
  /// kept where the run file has answers kept.
  [[nodiscard]] provenance::Journal journal(const std::string& kind, const std::string& name,
                                            const provenance::ColumnList& extra,
                                            const Features& decision);
  /// So many steps of a loop are done: where that is a multiple of `[decisions] flush` the log is
  /// flushed; collective over the simulation ranks then.
  void step_done(std::int64_t done);
  /// The log is brought up to date; collective over the simulation ranks.
  void flush();

  /// The end of a split of ranks: the log's last flush, collective over the simulation ranks. Gives
  /// the run's record, on the rank that has it; empty elsewhere.
  [[nodiscard]] std::string hand_over();
  /// The begin of the next one, the `number`-th from 1 on: the first simulation rank goes on with
  /// the record, and all of them with a log of their own.
  void take_over(const std::string& record, int number, std::int64_t step,
                 const std::vector<RankPlace>& map);

  // What run.json says; ranks other than the first simulation rank do nothing.
  void checkpoint(const std::string& file);
  void output(const std::string& file);
  /// The run is about to end early: "stopped: REASON".
  void stopped(const std::string& reason);
  /// From the rank that fails, before it ends the job or lets an error pass.
  void failed(const std::string& message, Reach reach) noexcept;
  /// The end: the log's last flush, collective over the simulation ranks where the run has not
  /// failed, and run.json.
  void finish(bool failed, const std::string& ml_library) noexcept;

 private:
  void open_log(int split);

  const Context& context_;
  provenance::Settings settings_;
  std::string replay_;
  std::vector<std::string> surrogates_;
  bool steers_;
  /// What the run before left is kept.
  bool keeps_;
  /// On the first simulation rank.
  std::optional<provenance::RunRecord> record_;
  /// On simulation ranks.
  std::optional<provenance::DecisionLog> log_;
  std::map<std::string, provenance::CallLog*> calls_;
  std::map<std::string, provenance::SteeringLog*> steered_;
};

}  // namespace cardan
