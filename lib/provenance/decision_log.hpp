/// The decision log: what was decided, by what, and what came of it. In memory until a flush; then
/// in `decisions.h5` and `decisions.jsonl`.
#pragma once

#include "provenance/settings.hpp"
#include "provenance/table.hpp"

#include <mpi.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace cardan::provenance {

class DecisionFile;

/// What a log is written for: attributes of the file.
struct LogRun {
  std::string run_file_sha256;
  std::int64_t seed = 0;
  /// Seconds that a flush waits for a rank.
  double patience = 600;
  /// The log of the run before is kept, under another name.
  bool keep_old = false;
  /// How often ranks were split anew before: each split has files of its own.
  int split = 0;
};

/// One kind of decision, or something that belongs to it: tables that a flush writes.
class DecisionKind {
 public:
  virtual ~DecisionKind() = default;
  /// Bytes that this rank has to write.
  [[nodiscard]] virtual std::int64_t pending() const = 0;
  /// Writes to the file; collective.
  virtual void write(DecisionFile& file, MPI_Comm comm) = 0;
  /// Adds this rank's records, one line of JSON each.
  virtual void lines(std::string& text) const = 0;
  /// Forgets what was written, or is given up.
  virtual void clear() = 0;
};

/// Every simulation rank has one, with the same kinds in the same order.
class DecisionLog {
 public:
  DecisionLog(MPI_Comm comm, const Settings& settings, const LogRun& run);
  ~DecisionLog();

  template <class Kind, class... Arguments>
  Kind& add(Arguments&&... arguments)
  {
    auto kind = std::make_unique<Kind>(std::forward<Arguments>(arguments)...);
    Kind& added = *kind;
    kinds_.push_back(std::move(kind));
    return added;
  }
  /// Collective over the simulation ranks and blocking. Throws `Late` where a rank does not come;
  /// what cannot be written is said once, and ends the log.
  void flush();
  /// Whether a flush has written something.
  [[nodiscard]] bool written() const noexcept { return written_; }
  /// False once it has failed: nothing needs to be recorded any more.
  [[nodiscard]] bool works() const noexcept { return works_; }
  [[nodiscard]] std::string file() const;
  [[nodiscard]] std::string lines_file() const;

 private:
  [[nodiscard]] std::string named(const char* ending) const;
  void prepare(std::int64_t bytes) const;
  void write();
  void write_lines();

  MPI_Comm comm_;
  Settings settings_;
  LogRun run_;
  std::vector<std::unique_ptr<DecisionKind>> kinds_;
  bool written_ = false;
  bool works_ = true;
};

/// `{"decision": "predict", "surrogate": "kinetics", "step": 3, ...}` for each row; `more` adds
/// what stands at the end of one.
void add_lines(std::string& text, const std::string& begin, const Table& table,
               const std::function<void(std::string& line, std::int64_t row)>& more = {});

}  // namespace cardan::provenance
