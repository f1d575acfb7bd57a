// A session's services and what is steered: read with the run file, opened by the simulation.

#include "session/couplers.hpp"

#include "couplers/ensemble/brain.hpp"
#include "couplers/ensemble/journal.hpp"
#include "couplers/service/station.hpp"
#include "couplers/steering/deciders.hpp"
#include "session/implementation.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace cardan {

const char* to_string(Family family) noexcept
{
  switch (family) {
    case Family::service: return "service";
    case Family::steering: return "steering";
    case Family::ensemble: return "ensemble";
  }
  return "coupler";
}

std::vector<NamedCoupler> read_couplers(const Context& context)
{
  const Config& run_file = context.run_file;
  const bool simulates = context.mine().simulation;
  const int ml = static_cast<int>(context.roles.size()) - context.count(&Roles::simulation);
  std::vector<NamedCoupler> all;
  for (const auto& name : service::service_names(run_file)) {
    const auto settings = service::read_service(run_file, name);
    if (ml > 0) service::check_instances(run_file, settings, ml);
    if (simulates) service::leave_to_handler(run_file, name);
    all.push_back({Family::service, name});
  }
  for (const auto& name : steering::steering_names(run_file)) {
    static_cast<void>(steering::read_steering(run_file, name));
    if (simulates) steering::leave_to_decider(run_file, name);
    all.push_back({Family::steering, name});
  }
  for (const auto& name : ensemble::ensemble_names(run_file)) {
    ensemble::check_ranks(context, ensemble::read_ensemble(run_file, name));
    if (simulates) ensemble::leave_to_module(run_file, name);
    all.push_back({Family::ensemble, name});
  }
  return all;
}

std::unique_ptr<Duty> serve_coupler(const Context& context, const NamedCoupler& coupler)
{
  switch (coupler.family) {
    case Family::service: return service::serve(context, coupler.name);
    case Family::steering: return steering::serve(context, coupler.name);
    case Family::ensemble: return ensemble::serve(context, coupler.name);
  }
  return nullptr;
}

/// Collective over the simulation ranks: which of the session's couplers that is.
int Session::Implementation::find_coupler(Family family, const std::string& name)
{
  const auto found = std::find_if(couplers.begin(), couplers.end(), [&](const auto& each) {
    return each.family == family && each.name == name;
  });
  mpi::together(context.part.get(), context.deadline(), [&] {
    if (found != couplers.end()) return;
    std::vector<std::string> known;
    for (const auto& each : couplers)
      if (each.family == family) known.push_back(each.name);
    const std::string near = nearest(name, known);
    throw Error{fmt::format("{} has no [{}.{}]", context.run_file.name(), to_string(family), name),
                known.empty() ? fmt::format("it has no [{}] at all", to_string(family))
                              : fmt::format("known: {}", fmt::join(known, ", ")),
                near.empty() ? "" : fmt::format("Did you mean '{}'?", near)};
  });
  check_run_file();
  return static_cast<int>(found - couplers.begin());
}

service::Client& Session::Implementation::service(const std::string& name,
                                                  const std::vector<FieldSpec>& inputs,
                                                  const std::vector<FieldSpec>& outputs)
{
  const int index = find_coupler(Family::service, name);
  const auto settings = service::read_service(context.run_file, name);
  const service::Binding binding{inputs, outputs};
  service::check_binding(context, settings, binding);
  return open_coupler<service::Client>(index, context, settings, binding);
}

steering::Handle& Session::Implementation::steering(const std::string& name, const Features& report,
                                                    const Features& decision)
{
  const int index = find_coupler(Family::steering, name);
  const auto settings = steering::read_steering(context.run_file, name);
  const auto declaration = steering::declaration_of(settings, report, decision);
  steering::check_declaration(context, declaration);
  std::vector<std::vector<std::byte>> defaults;
  mpi::together(context.part.get(), context.deadline(),
                [&] { defaults = steering::read_defaults(context.run_file, settings, decision); });
  return open_coupler<steering::Handle>(index, context, settings, declaration, defaults,
                                        provenance->journal("steering", name, {}, decision));
}

ensemble::Members& Session::Implementation::ensemble(const std::string& name,
                                                     const EnsembleShape& shape)
{
  const int index = find_coupler(Family::ensemble, name);
  const auto settings = ensemble::read_ensemble(context.run_file, name);
  ensemble::check_shape(context, settings, shape);
  auto& members = open_coupler<ensemble::Members>(index, context, settings, shape);
  const auto journal = provenance->journal("ensemble", name, ensemble::journal_columns(), {});
  if (!journal.open() || !members.coupled()) return members;
  const ensemble::JournalOptions options{left_behind_.flush, settings.members,
                                         10 * context.settings.deadline};
  members.log_to(std::make_unique<ensemble::JournalLog>(context.part.get(), journal, options,
                                                        [this] { provenance->flush(); }));
  return members;
}

Service Session::service(const std::string& name, const std::vector<FieldSpec>& inputs,
                         const std::vector<FieldSpec>& outputs)
{
  return Service{implementation_->service(name, inputs, outputs)};
}

Steering Session::steering(const std::string& name, const Features& report,
                           const Features& decision)
{
  return Steering{implementation_->steering(name, report, decision)};
}

Ensemble Session::ensemble(const std::string& name, const EnsembleShape& shape)
{
  return Ensemble{implementation_->ensemble(name, shape)};
}

}  // namespace cardan
