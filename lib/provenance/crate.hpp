/// An RO-Crate over what a run left behind (https://w3id.org/ro/crate/1.1), of the profile Workflow
/// Run Crate 0.5 (https://w3id.org/ro/wfrun/workflow/0.5): the run file is the workflow, the run an
/// action.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace cardan::provenance {

/// The crate's metadata, from a finished run.json. Copies the run file into the folder where it is
/// elsewhere; throws where that cannot be.
nlohmann::ordered_json crate(const std::string& folder, const nlohmann::ordered_json& run);

}  // namespace cardan::provenance
