/// The simulation's handle on a model: ask it, teach it.
#pragma once

#include <cardan/field.hpp>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>

namespace cardan {

/// Why samples (on a grid: cells) were not answered by the model, and how much was asked; sums over
/// the calls of this rank.
struct Counters {
  std::int64_t asked = 0;
  std::int64_t trusted = 0;
  /// Left to the solver because: no ML ranks or no trained model yet; no answer before the
  /// deadline; estimated error above tolerance; input outside what was learned; answer (or input)
  /// not a number; answer out of range.
  std::int64_t not_ready = 0;
  std::int64_t late = 0;
  std::int64_t unsure = 0;
  std::int64_t outside = 0;
  std::int64_t not_a_number = 0;
  std::int64_t out_of_range = 0;
  /// Samples given to `observe`, and those of them dropped because training was busy, or
  /// quarantined as not a number.
  std::int64_t observed = 0;
  std::int64_t dropped = 0;
  std::int64_t quarantined = 0;
};

/// Where the last answer came from.
struct Stamp {
  /// The model's version; 0 while nothing was published.
  std::int64_t version = 0;
  /// Steps between the newest sample that the model was trained on and the current step.
  std::int64_t age_steps = 0;
  /// Mean loss when the version was published, in units of the outputs' variance; NaN before that.
  double loss = 0;
  double validation_loss = 0;
  /// Optimiser steps when the version was published.
  std::int64_t trained_steps = 0;
  /// The first 64 bits of the SHA-256 of what was published; 0 where nothing was.
  std::uint64_t hash = 0;
};

/// What `predict` says. Refers to the surrogate; valid until its next call.
class Answer {
 public:
  Answer(std::span<const std::int64_t> untrusted, const Stamp& stamp)
      : untrusted_(untrusted), stamp_(stamp)
  {}
  /// True where every sample was answered and may be used.
  explicit operator bool() const noexcept { return untrusted_.empty(); }
  /// The samples, ascending, that the solver has to do itself; their outputs were not touched. On a
  /// grid: cells of this rank's box, numbered row by row.
  [[nodiscard]] std::span<const std::int64_t> untrusted() const noexcept { return untrusted_; }
  [[nodiscard]] const Stamp& stamp() const noexcept { return stamp_; }

 private:
  std::span<const std::int64_t> untrusted_;
  Stamp stamp_;
};

/// One model as a simulation rank sees it. Move-only; ends before its session does.
class Surrogate {
 public:
  using Fields = std::initializer_list<NamedField>;
  /// The same where their number is known at run time only.
  using FieldList = std::span<const NamedField>;

  /// Asks the model for the outputs that belong to the inputs: batches with the same number of
  /// samples, named as in the run file. Writes the outputs of trusted samples only. The first call
  /// (of this or `observe`) is collective over the simulation ranks, fixes dtypes, sample shapes
  /// and the largest number of samples, and throws the same error on all ranks where they do not
  /// fit; later calls are not collective, block no longer than the deadline, and allocate nothing.
  /// Where the run file gives the surrogate a grid, fields are boxes of global arrays instead,
  /// which stay as the first call has them, and a tile is answered once all ranks that have a part
  /// of it or of its halo have asked in the same step.
  Answer predict(Fields inputs, Fields outputs);
  Answer predict(FieldList inputs, FieldList outputs);
  /// Teaches: all samples, or those listed (not on a grid). Never blocks: what finds no room is
  /// dropped and counted.
  void observe(Fields inputs, Fields outputs);
  void observe(Fields inputs, Fields outputs, std::span<const std::int64_t> samples);
  void observe(FieldList inputs, FieldList outputs);
  void observe(FieldList inputs, FieldList outputs, std::span<const std::int64_t> samples);

  [[nodiscard]] const Counters& counters() const;

  class Implementation;
  explicit Surrogate(std::unique_ptr<Implementation> implementation);
  Surrogate(Surrogate&&) noexcept;
  Surrogate& operator=(Surrogate&&) noexcept;
  ~Surrogate();

 private:
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace cardan
