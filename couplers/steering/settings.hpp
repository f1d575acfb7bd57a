/// What a run file says of a steered quantity: `[steering.NAME]`.
#pragma once

#include "couplers/steering/client.hpp"

#include <cardan/config.hpp>
#include <cardan/model.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace cardan::steering {

struct SteeringSettings {
  std::string name;
  std::string kind;
  /// Slots of the rings of reports and of decisions.
  int depth = 16;
  Full full = Full::drop;
  /// What fields hold where no decision is taken: what they did, or the defaults.
  bool defaults = false;
  bool apply_late = false;
  /// Steps.
  std::int64_t max_age = std::numeric_limits<std::int64_t>::max();
  /// Seconds, of waits that do not say.
  double deadline = 1;
};

std::vector<std::string> steering_names(const Config& run_file);
/// Throws with file and line. The tables `default`, `options` and `model` are left.
SteeringSettings read_steering(const Config& run_file, const std::string& name);
/// For each field of a decision its default, dense; empty where `none = "keep"`. Throws, with the
/// line, unless each has one of its shape and dtype, and nothing else has.
std::vector<std::vector<std::byte>> read_defaults(const Config& run_file,
                                                  const SteeringSettings& settings,
                                                  const Features& decision);
/// The same of any coupler's table, and its table `default`.
std::vector<std::vector<std::byte>> read_defaults(const Config& coupler, const Config& table,
                                                  const Features& decision);
/// Declares known what is read when it is opened, and by the decider.
void leave_to_decider(const Config& run_file, const std::string& name);

}  // namespace cardan::steering
