/// What the decision log keeps of a surrogate: every call of `predict`, and what came of it.
#pragma once

#include "provenance/decision_log.hpp"

#include <cardan/surrogate.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace cardan::provenance {

/// Where a sample's outputs in the log come from.
enum class Origin : std::uint8_t { nobody = 0, model = 1, solver = 2 };

/// Which call of a loop over steps.
struct CallNumber {
  std::int64_t loop = -1;
  std::int64_t step = -1;
  /// Of the calls in this step; -1: samples were observed that nobody had asked for.
  std::int64_t call = 0;
};

class CallLog : public DecisionKind {
 public:
  using Fields = Surrogate::FieldList;
  /// `expected`: calls between two flushes.
  CallLog(const std::string& surrogate, int rank, bool answers, std::size_t expected);

  /// A call has come back: `before` and `after` are the counters, `seconds` how long it took.
  void called(std::int64_t loop, std::int64_t step, Fields inputs, Fields outputs,
              const Counters& before, const Counters& after, const Answer& answer, double seconds);
  /// The solver's outputs of some samples, or of all.
  void observed(std::int64_t loop, std::int64_t step, Fields inputs, Fields outputs,
                const Counters& before, const Counters& after,
                std::span<const std::int64_t> samples);
  void observed_all(std::int64_t loop, std::int64_t step, Fields inputs, Fields outputs,
                    const Counters& before, const Counters& after);

  [[nodiscard]] std::int64_t pending() const override;
  void write(DecisionFile& file, MPI_Comm comm) override;
  void lines(std::string& text) const override;
  void clear() override;

 private:
  struct Sample {
    std::string name;
    Dtype dtype;
    std::vector<std::int64_t> shape;
    std::int64_t bytes;
    bool output;
    std::vector<std::byte> rows;
  };
  /// The record that an observation belongs to: the last call's, or a new one.
  Word* record_of(std::int64_t loop, std::int64_t step, Fields inputs, Fields outputs);
  Word* add(std::int64_t loop, std::int64_t step, std::int64_t call);
  void see_version(const Stamp& stamp, std::int64_t step);
  void bind(Fields inputs, Fields outputs);
  /// Room for a call's samples, with its inputs.
  void keep(Word* record, Fields inputs, Fields outputs);
  void keep_outputs(const Word* record, Fields outputs, std::int64_t first, std::int64_t count,
                    Origin origin);
  /// Observed rows that are not a number are nobody's: nothing can be learned from them.
  void leave_out(const Word* record);
  void gather_versions(MPI_Comm comm);

  std::string name_;
  int rank_;
  bool answers_;
  Table calls_;
  Table versions_;
  /// On the first rank: what is in the file.
  std::vector<std::int64_t> known_versions_;
  CallNumber last_;
  bool open_ = false;
  std::vector<Sample> samples_;
  std::vector<std::uint8_t> origins_;
};

}  // namespace cardan::provenance
