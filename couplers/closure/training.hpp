/// Training ranks: learn from what the solver computed, and publish.
#pragma once

#include "couplers/closure/buffer.hpp"
#include "couplers/closure/gradients.hpp"
#include "couplers/closure/inference.hpp"
#include "couplers/closure/source.hpp"
#include "couplers/closure/streams.hpp"
#include "couplers/closure/turn.hpp"

#include <array>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cardan::closure {

/// Numbers of what is published: the gate's limit, the domain, and the model's state.
std::size_t state_numbers(const Learner& learner, const Domain& domain);

/// The first 64 bits of what is published's SHA-256, as they travel in its header.
std::int64_t short_hash(const std::string& digest);

/// All training ranks work in rounds: each takes in what arrived, each adds a gradient of its own
/// samples (or none), and all take the same optimiser step. A round is collective over the training
/// ranks.
class Training {
 public:
  Training(const Context& context, Streams& streams, const SurrogateSettings& surrogate,
           const TrainingSettings& settings, std::unique_ptr<Learner> learner);
  ~Training();
  Training(const Training&) = delete;
  Training& operator=(const Training&) = delete;
  /// What a finished run left for this rank, as if it had just arrived.
  void learn_from(Recorded& recorded);
  /// One round; says whether anything was learned or taken in.
  bool poll();
  /// Whether all training ranks have seen the end of their streams.
  [[nodiscard]] bool finished() const { return finished_; }
  /// Says whether this rank wishes to rest; once all training ranks do, none begins a round until
  /// none wishes it any more. `mark`: as Duty::hold has it.
  void hold(bool wish, std::int64_t mark = 0);
  [[nodiscard]] bool held() const { return held_ || finished_; }
  /// Adds `models/NAME` to a checkpoint. Collective over the training ranks, which are all held.
  void snapshot(checkpoint::Snapshot& snapshot) const;
  /// Goes on from a checkpoint, on any number of training ranks; the published state is then owed
  /// to all inference ranks. Not collective; throws where the checkpoint does not fit.
  void restore(const checkpoint::Reader& reader);

 private:
  void add_samples(checkpoint::Snapshot& snapshot, const std::string& group,
                   const Buffer& buffer) const;
  void take_samples(const checkpoint::Reader& reader, const std::string& group, const State& ranks,
                    const std::string& name, Buffer& buffer) const;
  void take_own(const State& ranks);
  void learn_from(const Batch& inputs, const Batch& targets, std::int64_t step);
  [[nodiscard]] bool wants_to_learn() const;
  bool learn();
  void vote();
  [[nodiscard]] int count_votes();
  bool take_turn();
  void vote_on_turn();
  void pass_mark();
  void send_marker();
  void hold_at(std::int64_t mark);
  void normalise();
  void settle();
  void roll_back(const std::string& why);
  void prepare_publication();
  [[nodiscard]] bool improved(double validation);
  void publish();
  void report() const;
  void save() const;
  void sum(std::vector<double>& values, MPI_Op operation) const;
  [[nodiscard]] int ranks() const;

  const Context& context_;
  Streams& streams_;
  std::string name_;
  Signature signature_;
  TrainingSettings settings_;
  std::optional<GridSettings> grid_;
  std::unique_ptr<Source> source_;
  Interior interior_;
  Gate gate_;
  Domain domain_;
  std::unique_ptr<Learner> learner_;
  Gradients gradients_;
  std::unique_ptr<Buffer> buffer_;
  std::unique_ptr<Buffer> held_out_;
  /// A mini-batch.
  Columns inputs_;
  Columns targets_;
  std::vector<const std::byte*> x_;
  std::vector<const std::byte*> y_;

  /// What a training rank says about the next round: whether it has samples, whether its streams
  /// have ended, and whether it wishes to rest; in a deterministic run also whether it is ready for
  /// rounds at a mark, whether it sees one, and which checkpoint's.
  enum Vote : std::size_t {
    samples_vote,
    end_vote,
    wish_vote,
    at_mark_vote,
    mark_vote,
    checkpoint_vote,
    votes
  };
  std::array<int, votes> vote_{};
  std::array<int, votes> votes_{};
  MPI_Request voting_ = MPI_REQUEST_NULL;

  std::vector<double> state_;
  channel::Header header_{};
  std::vector<bool> owed_;
  std::int64_t arrived_ = 0;
  std::int64_t newest_step_ = 0;
  std::int64_t steps_ = 0;
  /// Samples seen by this rank when it published last.
  std::int64_t published_samples_ = 0;
  double loss_ = std::numeric_limits<double>::quiet_NaN();
  double best_ = std::numeric_limits<double>::infinity();
  std::int64_t since_best_ = 0;
  Gate::Calibration calibration_;
  int roll_backs_ = 0;
  bool normalised_ = false;
  bool stopped_ = false;
  bool wishes_ = false;
  bool held_ = false;
  bool finished_ = false;
  /// Deterministic runs only.
  std::optional<Turn> turn_;
};

}  // namespace cardan::closure
