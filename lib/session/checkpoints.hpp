/// A session's checkpoints: what is kept, when, and what a run goes on from.
#pragma once

#include "checkpoint/reader.hpp"
#include "checkpoint/writer.hpp"
#include "session/context.hpp"
#include "session/followed.hpp"
#include "session/signals.hpp"

#include <cardan/session.hpp>

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cardan {

/// `[checkpoint]`.
struct CheckpointSettings {
  /// Empty: none are written.
  std::string file;
  std::int64_t every = 0;
  /// Seconds; 0: not by time.
  double interval = 0;
  double limit = 0;
  int keep = 2;
  bool async = true;
  bool at_end = true;
  std::vector<int> signals;
  std::string restart;
  std::map<std::string, checkpoint::Storage> fields;
};
CheckpointSettings read_checkpoint_settings(const Config& run_file);

class Checkpoints {
 public:
  /// Collective over the session, blocking: finds what the run goes on from (`restart` of the first
  /// simulation rank: a file, or `latest`), verified by all ranks together; throws the same error
  /// on all ranks.
  Checkpoints(Context& context, const CheckpointSettings& settings, const std::string& restart);
  ~Checkpoints();
  Checkpoints(const Checkpoints&) = delete;
  Checkpoints& operator=(const Checkpoints&) = delete;

  /// Null where the run does not go on from a checkpoint.
  [[nodiscard]] const checkpoint::Reader* restart() const { return restart_.get(); }
  [[nodiscard]] const std::optional<Signals>& signals() const { return signals_; }

  /// Simulation ranks. See Session.
  bool protect(const std::string& name, const Field& field, const ProtectOptions& options);
  void before(std::function<void()> work) { before_.push_back(std::move(work)); }
  /// Where a loop of `count` steps that begins now has its first step: behind its end where the
  /// checkpoint is of a later one.
  [[nodiscard]] std::int64_t first_step(std::int64_t count) const;
  [[nodiscard]] std::int64_t restart_step() const { return restart_step_; }
  /// `done` steps of the loop are done; `last`: no more come. Collective over the simulation ranks
  /// where a checkpoint is due.
  void step_done(std::int64_t done, bool last);
  void write(std::int64_t done);
  [[nodiscard]] bool stopping() const { return stopping_; }
  [[nodiscard]] const std::string& why() const { return why_; }
  /// Collective over the simulation ranks, blocking: waits until all files are whole; says whether
  /// the newest is.
  bool finish();
  /// The files that became whole, for the run's provenance; on the first simulation rank.
  [[nodiscard]] const std::vector<std::string>& written() const { return written_; }
  [[nodiscard]] std::vector<std::string> take_written() { return std::exchange(written_, {}); }

  [[nodiscard]] bool protects() const { return !protected_.empty(); }
  /// Ranks are to be split anew: the fields are copied as they are after `done` steps, to follow.
  void take_fields(std::int64_t done);
  /// Simulation ranks, collective, blocking: what was begun comes to its end, before that.
  void settle();
  /// Collective over the session, between two splits, blocking: `part` while the communicators of
  /// the one before are still there, `go_on` with those of the next; `simulated`: this rank,
  /// before.
  void part();
  void go_on(bool simulated);
  /// Hands out a field of the split before: all ranks of the session, each in its own call.
  void give_field(int index) const;

  /// ML ranks: begin with what they add to a file, when they are idle.
  void write(std::int64_t sequence, checkpoint::Snapshot snapshot);
  /// All ranks.
  void poll();
  [[nodiscard]] bool idle() const { return !writer_ || writer_->idle(); }

  /// What the session does before the simulation copies its fields: tells the ML ranks.
  std::function<void(std::int64_t sequence)> tell;
  /// What it does before a field of the split before is handed out: tells the ML ranks.
  std::function<void(int field)> tell_field;
  /// What the session's surrogates add.
  std::function<void(checkpoint::Snapshot&)> add_clients;

 private:
  struct Protected {
    std::string name;
    Field field;
    checkpoint::Attributes attributes;
    checkpoint::Storage storage;
    /// This rank has something to write.
    bool writes;
  };
  void open_writer();
  bool follow(const std::string& name, const Field& whole);
  void find_restart(const std::string& wanted);
  [[nodiscard]] std::string damage(const std::string& path) const;
  [[nodiscard]] checkpoint::Snapshot snapshot(std::int64_t done) const;
  [[nodiscard]] bool speaks() const;
  [[nodiscard]] std::int64_t loop() const { return context_.loop - loops_before_; }
  void take_wishes();
  void wish();
  void hear();
  void tell_failure(const std::string& path, std::string reason);

  Context& context_;
  CheckpointSettings settings_;
  std::unique_ptr<checkpoint::Reader> restart_;
  std::int64_t restart_loop_ = 0;
  std::int64_t restart_step_ = 0;
  /// Between splits of ranks: where the run goes on, in place of a checkpoint's step, and with
  /// what.
  bool split_ = false;
  bool protects_ = false;
  Followed followed_;
  std::unique_ptr<checkpoint::Writer> writer_;
  std::optional<Signals> signals_;
  std::vector<Protected> protected_;
  std::vector<std::function<void()>> before_;
  /// Loops that had begun when the first field was protected: they are not kept.
  std::int64_t loops_before_ = 0;
  std::int64_t next_ = 1;
  /// The first file that this run may take away; 0: none is known.
  std::int64_t oldest_ = 0;
  std::int64_t last_written_ = -1;
  double begin_;
  double last_time_;
  /// What ranks wish, by time and signals: agreed one step later, beside the step's work.
  std::array<int, 3> wishes_{};
  std::array<int, 3> agreed_{};
  std::array<int, 3> carried_{};
  MPI_Request wishing_ = MPI_REQUEST_NULL;
  bool stopping_ = false;
  std::string why_;
  bool newest_failed_ = false;
  /// How often files were not written, by reason, without those that were said by themselves.
  std::map<std::string, std::int64_t> failures_;
  std::int64_t outstanding_ = 0;
  std::vector<std::string> written_;
};

}  // namespace cardan
