/// What mutates children, on the simulation ranks.
#pragma once

#include "genetic.hpp"
#include "spin_settings.hpp"

#include <cardan/session.hpp>
#include <cardan/surrogate.hpp>

#include <cstdint>
#include <memory>
#include <vector>

namespace adapt {

class Mutator {
 public:
  virtual ~Mutator() = default;
  /// Learns from a population; collective over the simulation ranks, which all hold the same.
  virtual void learn(const Population& population, std::int64_t generation)
  {
    static_cast<void>(population);
    static_cast<void>(generation);
  }
  /// Changes this rank's children, of which the first has the number `first`; collective in the
  /// order of calls only.
  virtual void mutate(std::vector<Spins>& children, std::int64_t first,
                      std::int64_t generation) = 0;
  /// Says which share of all children were better than their parents.
  virtual void judge(double successes) { static_cast<void>(successes); }
  /// The share of spins, or of a window's sites, at present.
  [[nodiscard]] virtual double share() const = 0;
  /// Of the model; NaN and 0 where there is none.
  [[nodiscard]] virtual cardan::Stamp stamp() const;
};

/// References must outlive it. Throws where a network mutates and the session has no ML ranks.
std::unique_ptr<Mutator> make_mutator(Mutation mutation, cardan::Session& session,
                                      const SpinSettings& settings, const Strip& strip,
                                      std::uint64_t seed);

}  // namespace adapt
