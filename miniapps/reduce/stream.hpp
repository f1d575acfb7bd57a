/// A system's fields on their way into a reduction.
#pragma once

#include "episode.hpp"

#include <cardan/session.hpp>

namespace reduce {

/// A simulation rank's end: steps the system, puts its fields, notes what that took.
class Stream {
 public:
  /// Collective over the session.
  Stream(cardan::Session& session, const Plan& plan, System& system);

  /// What comes before anything is measured: puts to learn from, until an encoder is there.
  /// Collective over the simulation ranks, blocking; throws where none comes within a minute.
  void learn(Episode& episode);
  /// The measured puts, noted for this rank.
  void measure(Episode& episode);

 private:
  void advance(std::int64_t steps);
  void put();
  void fit();
  void wait_for_encoder();
  [[nodiscard]] cardan::Field field() const;

  cardan::Session& session_;
  const Plan& plan_;
  System& system_;
  cardan::Reduction reduction_;
  std::int64_t step_ = 0;
};

/// Of the field as the session is to know it.
cardan::ReductionField described(const View& view, const Part& part);

}  // namespace reduce
