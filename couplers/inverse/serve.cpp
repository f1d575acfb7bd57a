// The ML side of an inverse problem: a desk whose decider asks for solves.

#include "couplers/inverse/serve.hpp"

#include "couplers/inverse/brain.hpp"
#include "couplers/inverse/wire.hpp"
#include "couplers/steering/desk.hpp"

namespace cardan::inverse {

std::unique_ptr<Duty> serve(const Context& context, const std::string& name)
{
  const auto settings = read_settings(context.run_file, name);
  const Measure measure = unpack_measure(mpi::broadcast(
      context.everyone.get(), {}, context.first(&Roles::simulation), context.deadline()));
  return steering::make_desk(context, tasks::declaration_of(name, settings.depth),
                             [&](const steering::Ends&, const DeciderPlace& place) {
                               return make_brain(context.run_file, settings, measure, place,
                                                 context.folder);
                             });
}

}  // namespace cardan::inverse
