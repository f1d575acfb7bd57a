/// What a pipeline's ML rank decides: who works on what, which candidates go on.
#pragma once

#include "couplers/pipeline/settings.hpp"

#include <cardan/config.hpp>
#include <cardan/pipeline.hpp>
#include <cardan/steering.hpp>

#include <memory>
#include <string>

namespace cardan::pipeline {

/// Where the decider leaves its log: `folder`; empty: nowhere.
std::unique_ptr<Decider> make_brain(const Config& run_file, const Settings& settings,
                                    const PipelineShape& shape, const DeciderPlace& place,
                                    const std::string& folder);

}  // namespace cardan::pipeline
