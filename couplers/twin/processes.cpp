#include "couplers/twin/processes.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <utility>

namespace cardan {

namespace {

std::map<std::string, TwinMaker>& makers()
{
  static std::map<std::string, TwinMaker> all;
  return all;
}

}  // namespace

void register_twin(const std::string& kind, TwinMaker maker)
{
  makers()[kind] = std::move(maker);
}

namespace twin {

const TwinMaker& find_maker(const Config& table, const std::string& kind)
{
  const auto found = makers().find(kind);
  if (found != makers().end()) return found->second;
  std::vector<std::string> known;
  for (const auto& [name, maker] : makers()) known.push_back(name);
  throw table.error("kind", fmt::format("unknown twin '{}'", kind),
                    known.empty() ? "The program registers none (cardan::register_twin)."
                                  : fmt::format("known: {}", fmt::join(known, ", ")));
}

}  // namespace twin

}  // namespace cardan
