// What stands around a decider of one's own.
#include <cardan/steering.hpp>

#include <cstddef>
#include <memory>
#include <vector>

// The block.
