// The ML side of a pipeline: a desk with a brain.

#include "couplers/pipeline/serve.hpp"

#include "couplers/pipeline/brain.hpp"
#include "couplers/pipeline/wire.hpp"
#include "couplers/steering/desk.hpp"

namespace cardan::pipeline {

std::unique_ptr<Duty> serve(const Context& context, const std::string& name)
{
  auto settings = read_settings(context.run_file, name);
  settings.seed = static_cast<std::uint64_t>(context.settings.seed);
  const auto shape = share_shape(context, {});
  return steering::make_desk(context, tasks::declaration_of(name, settings.depth),
                             [&](const steering::Ends&, const DeciderPlace& place) {
                               return make_brain(context.run_file, settings, shape, place,
                                                 context.folder);
                             });
}

}  // namespace cardan::pipeline
