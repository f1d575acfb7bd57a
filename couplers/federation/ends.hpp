/// The lanes of a federation: records from the first rank of each silo to the first ML rank, global
/// models back. There are none between silos.
#pragma once

#include "channel/lanes.hpp"
#include "couplers/federation/compress.hpp"
#include "couplers/federation/settings.hpp"
#include "couplers/federation/wire.hpp"
#include "session/context.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace cardan::federation {

struct Ends {
  /// Collective over the session and blocking; the same error on all ranks. Simulation ranks say
  /// what their model fixes (`facts`, which may throw), ML ranks nothing.
  Ends(const Context& context, const Settings& settings, const std::function<Facts()>& facts);

  /// Of the first silo, on all ranks.
  Facts facts;
  int silos = 1;
  /// The silo of this rank, and its place in it; -1 on ML ranks.
  int silo = -1;
  int part = -1;
  /// Whether this is the rank that averages.
  bool aggregates = false;
  /// Null without ML ranks. `up`: leaders have one lane out, the aggregator one in for each silo,
  /// in order; `down` the other way round.
  std::unique_ptr<channel::Lanes> up;
  std::unique_ptr<channel::Lanes> down;

  void close();
  void abandon() noexcept;
};

}  // namespace cardan::federation
