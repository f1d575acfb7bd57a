#include "couplers/steering/deciders.hpp"

#include "couplers/steering/desk.hpp"
#include "couplers/steering/model_decider.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace cardan {

namespace steering {

namespace {

std::map<std::string, DeciderMaker>& makers()
{
  static std::map<std::string, DeciderMaker> all;
  return all;
}

}  // namespace

std::vector<std::string> own_kinds()
{
  return {"model"};
}

std::unique_ptr<Decider> make_decider(const Config& run_file, const SteeringSettings& settings,
                                      const Signature& signature, const DeciderPlace& place)
{
  const Config table = run_file.table("steering").table(settings.name);
  if (settings.kind == "model") return make_model_decider(table.table("model"), signature, place);
  const auto found = makers().find(settings.kind);
  if (found == makers().end()) {
    std::vector<std::string> known = own_kinds();
    for (const auto& each : makers()) known.push_back(each.first);
    const std::string near = nearest(settings.kind, known);
    throw table.error("kind", fmt::format("ML ranks know {}", fmt::join(known, ", ")),
                      near.empty() ? "Give it to register_decider before the session opens, in the "
                                     "program of the ML ranks."
                                   : "Did you mean '" + near + "'?");
  }
  //= none | the decider's own table
  const Config options = table.table("options");
  auto decider = found->second(options, signature, place);
  options.reject_unknown();
  return decider;
}

std::unique_ptr<Duty> serve(const Context& context, const std::string& name)
{
  const auto settings = read_steering(context.run_file, name);
  return make_desk(
      context, declaration_of(settings), [&](const Ends& ends, const DeciderPlace& place) {
        auto decider = make_decider(context.run_file, settings,
                                    {ends.declared.report, ends.declared.decision}, place);
        leave_to_decider(context.run_file, name);
        context.run_file.table("steering").table(name).reject_unknown();
        return decider;
      });
}

Declaration declaration_of(const SteeringSettings& settings, const Features& report,
                           const Features& decision)
{
  return {settings.name, report, decision, settings.depth, settings.depth, false, true};
}

}  // namespace steering

void register_decider(const std::string& kind, DeciderMaker maker)
{
  const auto own = steering::own_kinds();
  if (std::find(own.begin(), own.end(), kind) != own.end())
    throw Error{"the kind of decider '" + kind + "' is Cardan's own", "", "Take another name."};
  steering::makers()[kind] = std::move(maker);
}

}  // namespace cardan
