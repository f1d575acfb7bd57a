#include "couplers/inverse/coarse.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <map>
#include <vector>

namespace cardan {

namespace {

using Makers = std::map<std::string, std::function<CoarseModel()>>;

Makers& makers()
{
  static Makers all;
  return all;
}

}  // namespace

namespace inverse {

CoarseModel make_coarse_model(const Config& table, const std::string& name)
{
  if (const auto found = makers().find(name); found != makers().end()) return found->second();
  std::vector<std::string> known;
  for (const auto& each : makers()) known.push_back(each.first);
  const std::string near = nearest(name, known);
  throw table.error("coarse",
                    known.empty() ? std::string{"the ML rank's program has no coarse model"}
                                  : fmt::format("the ML rank knows {}", fmt::join(known, ", ")),
                    near.empty() ? "Give it to register_coarse_model before the session opens, in "
                                   "the program of the ML ranks."
                                 : "Did you mean '" + near + "'?");
}

}  // namespace inverse

void register_coarse_model(const std::string& name, std::function<CoarseModel()> make)
{
  makers()[name] = std::move(make);
}

}  // namespace cardan
