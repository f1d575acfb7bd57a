/// One trial of a built-in training.
#pragma once

#include "couplers/tuning/pupils.hpp"
#include "couplers/tuning/state_bytes.hpp"

#include <memory>
#include <span>
#include <utility>

namespace cardan::tuning {

struct Pupils::Pupil {
  Pupil(std::unique_ptr<Learner> made, std::int64_t of_batch, const Signature& signature)
      : learner(std::move(made)),
        batch(of_batch),
        some_inputs(signature.inputs),
        some_outputs(signature.outputs)
  {}

  std::unique_ptr<Learner> learner;
  std::int64_t batch;
  /// Samples in its tally, and when it was normalised by it last.
  std::int64_t seen = 0;
  std::int64_t normalised = 0;
  closure::Columns some_inputs;
  closure::Columns some_outputs;

  [[nodiscard]] State state() const
  {
    State all;
    all.put("learner", learner->checkpoint());
    all.put("seen", seen);
    all.put("normalised", normalised);
    return all;
  }
  void take(std::span<const std::byte> bytes)
  {
    const State all = read_state(bytes);
    learner->restore(all.group("learner"));
    seen = all.integer("seen");
    normalised = all.integer("normalised");
  }
};

}  // namespace cardan::tuning
