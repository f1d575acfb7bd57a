// The ML side of an ensemble: a desk with a brain.

#include "couplers/ensemble/brain.hpp"
#include "couplers/ensemble/members.hpp"
#include "couplers/steering/desk.hpp"

namespace cardan::ensemble {

namespace {

/// As the simulation ranks declare it.
EnsembleShape shape_of(const steering::Declaration& declared)
{
  return {declared.report[descriptor_field].numbers(), declared.report[state_field].numbers()};
}

}  // namespace

std::unique_ptr<Duty> serve(const Context& context, const std::string& name)
{
  const auto settings = read_ensemble(context.run_file, name);
  return steering::make_desk(context, declaration_of(context, settings, {}),
                             [&](const steering::Ends& ends, const DeciderPlace& place) {
                               return make_brain(context.run_file, settings,
                                                 shape_of(ends.declared), place, context.folder);
                             });
}

}  // namespace cardan::ensemble
