/// A silo: samples that stay in its processes, and a model that is trained on them there.
#pragma once

#include "couplers/closure/samples.hpp"
#include "couplers/federation/settings.hpp"
#include "couplers/federation/wire.hpp"
#include "mpi/comm.hpp"

#include <cardan/federation.hpp>
#include <cardan/model.hpp>

#include <cstdint>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace cardan::federation {

/// Copies a batch of fields to the end of the columns; throws where they are not as declared.
/// `what`: for messages, "federation 'NAME'".
void append(const std::string& what, Federation::Fields fields, closure::Columns& columns);
/// How many samples they have, with the same checks.
std::int64_t samples_of(const std::string& what, Federation::Fields fields,
                        const Features& features);
/// Copies columns into as many samples of the fields.
void store(const std::string& what, const closure::Columns& columns, Federation::Fields fields);

/// Inputs and outputs, one behind the other.
class Samples {
 public:
  Samples(const Signature& signature, const std::string& what);
  /// Copies all samples of the fields, which may stand in any order and have any strides; throws
  /// where they are not as declared.
  void add(Federation::Fields inputs, Federation::Fields outputs);
  [[nodiscard]] std::int64_t count() const { return inputs_.count(); }
  [[nodiscard]] Batch inputs() const { return inputs_.batch(); }
  [[nodiscard]] Batch targets() const { return targets_.batch(); }

 private:
  std::string what_;
  closure::Columns inputs_;
  closure::Columns targets_;
};

/// Mini-batches, without putting back: all samples once in an order of chance, then in another.
class Draw {
 public:
  Draw(const Signature& signature, std::uint64_t seed);
  /// The next `count` samples, fewer where an order ends; 0: all of them, where they lie.
  void next(const Samples& from, std::int64_t count);
  [[nodiscard]] Batch inputs() const { return inputs_; }
  [[nodiscard]] Batch targets() const { return targets_; }

 private:
  std::mt19937_64 random_;
  std::vector<std::int64_t> order_;
  std::size_t at_ = 0;
  closure::Columns some_inputs_;
  closure::Columns some_targets_;
  Batch inputs_;
  Batch targets_;
};

/// What a round's local steps came to.
struct Trained {
  double loss = 0;
  std::int64_t steps = 0;
};

/// The same on all ranks of a silo, which train together. Every call that says so is collective
/// over them, waits `patience` seconds at most for another (Late), and throws the same error on
/// all.
class Silo {
 public:
  /// Trains alone until it joins.
  Silo(const Settings& settings, const Signature& signature, std::unique_ptr<Learner> learner,
       double patience, std::uint64_t seed);
  /// `comm`: the silo's ranks; outlives this.
  void join(MPI_Comm comm) { comm_ = comm; }

  [[nodiscard]] std::size_t weights() const { return learner_->weights(); }
  void observe(Federation::Fields inputs, Federation::Fields outputs);
  void hold_out(Federation::Fields inputs, Federation::Fields outputs);
  /// Collective: of all ranks together, sums and then maxima.
  [[nodiscard]] std::vector<double> tally();
  /// Normalises as a joined tally says, and remembers the optimiser as it is.
  void begin(const std::vector<double>& joined);
  /// Collective: the samples of the silo.
  [[nodiscard]] std::int64_t samples();
  /// Collective: trains from these weights on as the settings say; nothing without samples.
  Trained train(std::span<const double> global);
  void get(std::span<double> weights) const { learner_->get_weights(weights.data()); }
  /// Takes weights, to answer with them.
  void set(std::span<const double> weights);
  void predict(Federation::Fields inputs, Federation::Fields outputs);
  /// Collective: mean losses over the silo's samples, and over those held out; NaN without any.
  [[nodiscard]] double loss() { return loss_over(training_); }
  [[nodiscard]] double validation_loss() { return loss_over(held_out_); }
  [[nodiscard]] Learner& learner() { return *learner_; }
  [[nodiscard]] const Signature& signature() const { return signature_; }

  /// Collective: adds numbers of all ranks; the other makes rank 0's everybody's.
  void add(std::span<double> numbers, const char* what) const;
  void share(void* bytes, std::size_t count, const char* what) const;
  /// Collective: one rank's failure is everybody's.
  template <class Work>
  void together(Work&& work) const
  {
    mpi::together(comm_, mpi::Deadline::in(patience_), std::forward<Work>(work));
  }

 private:
  [[nodiscard]] double loss_over(const Samples& samples);
  [[nodiscard]] std::int64_t steps_of(std::int64_t joined) const;
  double differentiate(std::span<const double> global);
  double hold_near(std::span<const double> global);

  Settings settings_;
  Signature signature_;
  std::unique_ptr<Learner> learner_;
  MPI_Comm comm_ = MPI_COMM_SELF;
  double patience_;
  Samples training_;
  Samples held_out_;
  Draw draw_;
  std::vector<double> weights_;
  /// Local training came to what is no number: the optimiser's memory is not to be trusted.
  bool spoiled_ = false;
  /// Of the silo as the round began, and of a mini-batch of this rank.
  std::int64_t batch_ = 0;
  double last_loss_ = 0;
};

}  // namespace cardan::federation
