/// The walkers of one rank, as an ensemble steers them.
#pragma once

#include "episode.hpp"

#include <cardan/ensemble.hpp>

#include <memory>
#include <vector>

namespace steer {

class Walkers {
 public:
  /// `ensemble` and `watch` are borrowed and have to live as long.
  Walkers(const Plan& plan, const System& system, const cardan::Ensemble& ensemble, Watch& watch,
          std::uint64_t seed);

  /// What the coupler is to call; valid as long as this object.
  [[nodiscard]] cardan::EnsemblePhysics physics();
  /// Adds what is known of this rank's walkers; collective over `comm`, complete on rank 0.
  void report(MPI_Comm comm, Episode& episode) const;

 private:
  double advance(int member);
  double hop(int member);
  void pause(int member) const;
  void note(int member, int state);
  void count_isomer(int member, double time);
  Walker& walker(int member);

  const Plan& plan_;
  const System& system_;
  const cardan::Ensemble& ensemble_;
  Watch& watch_;
  std::int64_t steps_ = 1;
  std::vector<std::unique_ptr<Walker>> walkers_;
  std::unique_ptr<System> isomers_;
  std::unique_ptr<Walker> probe_;
  std::vector<double> state_;
  std::vector<double> isomer_time_;
  double time_ = 0;
  /// Of hopping walkers; and the lowest so far.
  std::vector<double> energy_;
  double lowest_ = 0;
  std::vector<FrameNote> frames_;
  std::vector<double> descriptors_;
};

}  // namespace steer
