/// What instances do: the kinds of services by name.
#pragma once

#include "couplers/service/settings.hpp"

#include <cardan/service.hpp>

#include <memory>

namespace cardan::service {

/// Throws where nobody registered the kind (with those that are known), and what the maker throws.
std::unique_ptr<ServiceHandler> make_handler(const Config& run_file,
                                             const ServiceSettings& settings,
                                             const Signature& signature, const ServicePlace& place);

}  // namespace cardan::service
