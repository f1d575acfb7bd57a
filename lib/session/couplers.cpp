// A session's services and what is steered: read with the run file, opened by the simulation.

#include "session/couplers.hpp"

#include "couplers/ensemble/brain.hpp"
#include "couplers/ensemble/journal.hpp"
#include "couplers/federation/serve.hpp"
#include "couplers/inverse/serve.hpp"
#include "couplers/pipeline/serve.hpp"
#include "couplers/reduction/serve.hpp"
#include "couplers/service/station.hpp"
#include "couplers/steering/deciders.hpp"
#include "couplers/tuning/serve.hpp"
#include "couplers/twin/serve.hpp"
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
    case Family::twin: return "twin";
    case Family::reduction: return "reduction";
    case Family::federation: return "federation";
    case Family::pipeline: return "pipeline";
    case Family::inverse: return "inverse";
    case Family::tuning: return "tuning";
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
  const auto add = [&](Family family, auto&& names, auto&& read, auto&& leave) {
    for (const auto& name : names(run_file)) {
      static_cast<void>(read(run_file, name));
      if (simulates) leave(run_file, name);
      all.push_back({family, name});
    }
  };
  add(Family::twin, twin::names, twin::read_settings, twin::leave_to_others);
  add(Family::reduction, reduction::names, reduction::read_settings, reduction::leave_to_others);
  add(Family::federation, federation::names, federation::read_settings,
      federation::leave_to_others);
  add(Family::pipeline, pipeline::names, pipeline::read_settings, pipeline::leave_to_others);
  add(Family::inverse, inverse::names, inverse::read_settings, inverse::leave_to_others);
  add(Family::tuning, tuning::names, tuning::read_settings, tuning::leave_to_others);
  return all;
}

std::unique_ptr<Duty> serve_coupler(const Context& context, const NamedCoupler& coupler)
{
  switch (coupler.family) {
    case Family::service: return service::serve(context, coupler.name);
    case Family::steering: return steering::serve(context, coupler.name);
    case Family::ensemble: return ensemble::serve(context, coupler.name);
    case Family::twin: return twin::serve(context, coupler.name);
    case Family::reduction: return reduction::serve(context, coupler.name);
    case Family::federation: return federation::serve(context, coupler.name);
    case Family::pipeline: return pipeline::serve(context, coupler.name);
    case Family::inverse: return inverse::serve(context, coupler.name);
    case Family::tuning: return tuning::serve(context, coupler.name);
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

twin::Client& Session::Implementation::twin(const std::string& name, const Features& observation,
                                            const Features& answer)
{
  const int index = find_coupler(Family::twin, name);
  const auto settings = twin::read_settings(context.run_file, name);
  steering::check_declaration(context, twin::declaration_of(settings, observation, answer));
  std::vector<std::vector<std::byte>> defaults;
  mpi::together(context.part.get(), context.deadline(),
                [&] { defaults = twin::read_defaults(context.run_file, settings, answer); });
  return open_coupler<twin::Client>(index, context, settings, observation, answer, defaults,
                                    provenance->journal("twin", name, {}, answer));
}

reduction::Client& Session::Implementation::reduction(const std::string& name,
                                                      const std::vector<ReductionField>& fields)
{
  const int index = find_coupler(Family::reduction, name);
  const auto settings = reduction::read_settings(context.run_file, name);
  reduction::check_fields(context, settings, fields);
  return open_coupler<reduction::Client>(index, context, settings, fields);
}

federation::Client& Session::Implementation::federation(const std::string& name,
                                                        const Signature& signature)
{
  const int index = find_coupler(Family::federation, name);
  const auto settings = federation::read_settings(context.run_file, name);
  return open_coupler<federation::Client>(index, context, settings, signature);
}

pipeline::Client& Session::Implementation::pipeline(const std::string& name,
                                                    const PipelineShape& shape)
{
  const int index = find_coupler(Family::pipeline, name);
  const auto settings = pipeline::read_settings(context.run_file, name);
  pipeline::check_shape(context, settings, shape);
  return open_coupler<pipeline::Client>(index, context, settings, shape);
}

inverse::Client& Session::Implementation::inverse(const std::string& name,
                                                  const InverseProblem& problem)
{
  const int index = find_coupler(Family::inverse, name);
  const auto settings = inverse::read_settings(context.run_file, name);
  return open_coupler<inverse::Client>(index, context, settings, problem);
}

tuning::Client& Session::Implementation::tuning(const std::string& name, const TuningShape& shape)
{
  const int index = find_coupler(Family::tuning, name);
  const auto settings = tuning::read_settings(context.run_file, name);
  return open_coupler<tuning::Client>(index, context, settings, shape);
}

Service Session::service(const std::string& name, const std::vector<FieldSpec>& inputs,
                         const std::vector<FieldSpec>& outputs)
{
  return Service{implementation_->service(name, inputs, outputs), implementation_->context.life};
}

Steering Session::steering(const std::string& name, const Features& report,
                           const Features& decision)
{
  return Steering{implementation_->steering(name, report, decision), implementation_->context.life};
}

Ensemble Session::ensemble(const std::string& name, const EnsembleShape& shape)
{
  return Ensemble{implementation_->ensemble(name, shape), implementation_->context.life};
}

Twin Session::twin(const std::string& name, const Features& observation, const Features& answer)
{
  return Twin{implementation_->twin(name, observation, answer), implementation_->context.life};
}

Reduction Session::reduction(const std::string& name, const std::vector<ReductionField>& fields)
{
  return Reduction{implementation_->reduction(name, fields), implementation_->context.life};
}

Federation Session::federation(const std::string& name, const Features& inputs,
                               const Features& outputs)
{
  return Federation{implementation_->federation(name, {inputs, outputs}),
                    implementation_->context.life};
}

Pipeline Session::pipeline(const std::string& name, const PipelineShape& shape)
{
  return Pipeline{implementation_->pipeline(name, shape), implementation_->context.life};
}

Inverse Session::inverse(const std::string& name, const InverseProblem& problem)
{
  return Inverse{implementation_->inverse(name, problem), implementation_->context.life};
}

Tuning Session::tuning(const std::string& name, const TuningShape& shape)
{
  return Tuning{implementation_->tuning(name, shape), implementation_->context.life};
}

}  // namespace cardan
