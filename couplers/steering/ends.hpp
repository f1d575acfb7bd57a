/// The lanes of one steered quantity: reports to ML ranks, decisions back.
#pragma once

#include "channel/lanes.hpp"
#include "session/context.hpp"

#include <cardan/model.hpp>

#include <memory>
#include <string>
#include <vector>

namespace cardan::steering {

/// What a coupler opens. The same on all ranks but for the fields, which ML ranks leave empty: they
/// learn them from the simulation's.
struct Declaration {
  std::string name;
  Features report;
  Features decision;
  /// Slots of the rings.
  int report_depth = 16;
  int decision_depth = 16;
  /// Reports go to the first ML rank; otherwise each simulation rank's go to one, dealt in turn.
  bool to_first = false;
  /// Where ranks are split anew, simulation ranks take in all decisions that are on their way.
  bool takes_all = false;
  /// Decisions with tags from 0 on all arrive, in the order in which they were made: where the ring
  /// is full they wait, and none is replaced by a newer one.
  bool keeps_all = false;
};

/// Collective over the simulation ranks: throws on all of them where one of them declares what
/// cannot be (no decision, a name twice, an extent below 1), or they differ.
void check_declaration(const Context& context, const Declaration& mine);

struct Ends {
  /// Collective over the session and blocking; the same error on all ranks. Without ML ranks there
  /// are no lanes.
  Ends(const Context& context, const Declaration& mine);

  /// With the simulation's fields, on all ranks.
  Declaration declared;
  /// ML ranks that receive reports and decide, and simulation ranks, in the session's numbering.
  std::vector<int> deciders;
  std::vector<int> simulation;
  /// This ML rank's place among the deciders; -1: none.
  int index = -1;
  /// Whether all ranks of the session share a node, and so a clock.
  bool one_clock = false;
  /// Simulation ranks have one lane out; deciders one in for each rank that reports to them
  /// (`reporters`, counted among the simulation ranks), in that order.
  std::unique_ptr<channel::Lanes> reports;
  std::vector<int> reporters;
  /// Every decider to every simulation rank, in these orders. The last part is the reason.
  std::unique_ptr<channel::Lanes> decisions;

  void close();
  void abandon() noexcept;
};

}  // namespace cardan::steering
