// What stands around a service of one's own.
#include <cardan/service.hpp>

#include <memory>

void register_lookup();

// The block.
