// The ML side of a tuning: a desk with a brain.

#include "couplers/tuning/serve.hpp"

#include "couplers/steering/desk.hpp"
#include "couplers/tasks/wire.hpp"
#include "couplers/tuning/brain.hpp"

namespace cardan::tuning {

std::unique_ptr<Duty> serve(const Context& context, const std::string& name)
{
  const auto settings = read_settings(context.run_file, name);
  return steering::make_desk(context, tasks::declaration_of(name, depth),
                             [&](const steering::Ends&, const DeciderPlace& place) {
                               return make_brain(settings, place, context.folder);
                             });
}

}  // namespace cardan::tuning
