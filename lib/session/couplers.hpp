/// The couplers that simulation ranks open by name, beside surrogates.
#pragma once

#include "session/context.hpp"

#include <memory>
#include <string>
#include <vector>

namespace cardan {

enum class Family {
  service,
  steering,
  ensemble,
  twin,
  reduction,
  federation,
  pipeline,
  inverse,
  tuning
};
/// `service`: the run file's table of such couplers.
const char* to_string(Family family) noexcept;

struct NamedCoupler {
  Family family;
  std::string name;
};

/// All that the run file has, in its order within a family. Reads their tables once, so that what
/// is wrong in them is found before the first step: throws with file and line.
std::vector<NamedCoupler> read_couplers(const Context& context);
/// ML ranks: the other end of a coupler that the simulation opens. Collective over the session.
std::unique_ptr<Duty> serve_coupler(const Context& context, const NamedCoupler& coupler);

}  // namespace cardan
