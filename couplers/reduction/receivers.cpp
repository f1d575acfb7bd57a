// Receivers and quantities of one's own by name.

#include "couplers/reduction/receivers.hpp"

#include <map>
#include <utility>

namespace cardan {

namespace {

std::map<std::string, ReceiverMaker>& receivers()
{
  static std::map<std::string, ReceiverMaker> all;
  return all;
}

std::map<std::string, Quantity>& quantities()
{
  static std::map<std::string, Quantity> all = [] {
    std::map<std::string, Quantity> own;
    for (auto& [name, quantity] : reduction::own_quantities()) own[name] = quantity;
    return own;
  }();
  return all;
}

}  // namespace

void register_receiver(const std::string& kind, ReceiverMaker maker)
{
  receivers()[kind] = std::move(maker);
}

void register_quantity(const std::string& name, Quantity quantity)
{
  quantities()[name] = std::move(quantity);
}

namespace reduction {

const ReceiverMaker* find_receiver(const std::string& kind)
{
  const auto found = receivers().find(kind);
  return found == receivers().end() ? nullptr : &found->second;
}

const Quantity* find_quantity(const std::string& name)
{
  const auto found = quantities().find(name);
  return found == quantities().end() ? nullptr : &found->second;
}

std::vector<std::string> quantity_names()
{
  std::vector<std::string> names;
  for (const auto& [name, quantity] : quantities()) names.push_back(name);
  return names;
}

}  // namespace reduction

}  // namespace cardan
