/// Receivers and quantities of one's own by name.
#pragma once

#include <cardan/reduction.hpp>

#include <string>
#include <utility>
#include <vector>

namespace cardan::reduction {

/// Null where nobody registered it.
const ReceiverMaker* find_receiver(const std::string& kind);
const Quantity* find_quantity(const std::string& name);
std::vector<std::string> quantity_names();
/// `sum`, `energy` and `gradient`.
std::vector<std::pair<std::string, Quantity>> own_quantities();

}  // namespace cardan::reduction
