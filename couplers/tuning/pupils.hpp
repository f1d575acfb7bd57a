/// Built-in trainings: a trial is a learner of the run file's model, in the simulation's process.
#pragma once

#include "couplers/tuning/samples.hpp"
#include "couplers/tuning/settings.hpp"
#include "session/context.hpp"

#include <cardan/model.hpp>
#include <cardan/tuning.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace cardan::tuning {

class Pupils {
 public:
  /// Throws where the model cannot be trained so. Loads its module.
  Pupils(const Context& context, const Settings& settings, const Signature& signature);
  ~Pupils();

  /// The most bytes of a state, over the space's models.
  [[nodiscard]] std::size_t state_bytes();
  /// `samples` outlives what it returns, and so does this.
  [[nodiscard]] TuningWork work(Samples& samples);
  /// With a trial's values; empty `state`: as it begins.
  [[nodiscard]] std::unique_ptr<Learner> learner(const std::vector<double>& values,
                                                 std::uint64_t seed,
                                                 std::span<const std::byte> state) const;

 private:
  struct Pupil;
  void begin(int slot, const TuningTrial& trial);
  double train(Pupil& pupil, const TuningTrial& trial, std::int64_t epochs, Samples& samples);
  [[nodiscard]] Pupil& at(int slot);

  const Context& context_;
  Settings settings_;
  Signature signature_;
  Module* module_ = nullptr;
  std::vector<std::unique_ptr<Pupil>> pupils_;
};

}  // namespace cardan::tuning
