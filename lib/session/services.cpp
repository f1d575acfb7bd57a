// A session's services: read with the run file, opened by the simulation.

#include "session/implementation.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace cardan {

void Session::Implementation::check_services()
{
  services = service::service_names(context.run_file);
  const int ml = static_cast<int>(context.roles.size()) - context.count(&Roles::simulation);
  for (const auto& name : services) {
    const auto settings = service::read_service(context.run_file, name);
    if (ml > 0) service::check_instances(context.run_file, settings, ml);
    if (context.mine().simulation) service::leave_to_handler(context.run_file, name);
  }
}

service::Client& Session::Implementation::service(const std::string& name,
                                                  const std::vector<FieldSpec>& inputs,
                                                  const std::vector<FieldSpec>& outputs)
{
  const auto found = std::find(services.begin(), services.end(), name);
  mpi::together(context.part.get(), context.deadline(), [&] {
    if (found != services.end()) return;
    const std::string near = nearest(name, services);
    throw Error{fmt::format("{} has no [service.{}]", context.run_file.name(), name),
                services.empty() ? "it has no services"
                                 : fmt::format("known: {}", fmt::join(services, ", ")),
                near.empty() ? "" : fmt::format("Did you mean '{}'?", near)};
  });
  check_run_file();
  const auto settings = service::read_service(context.run_file, name);
  const service::Binding binding{inputs, outputs};
  service::check_binding(context, settings, binding);
  control.tell(
      {Control::Kind::open_service, static_cast<int>(std::distance(services.begin(), found))});
  auto client = std::make_unique<service::Client>(context, settings, binding);
  service::Client& opened = *client;
  ends_.push_back(std::move(client));
  return opened;
}

Service Session::service(const std::string& name, const std::vector<FieldSpec>& inputs,
                         const std::vector<FieldSpec>& outputs)
{
  return Service{implementation_->service(name, inputs, outputs)};
}

}  // namespace cardan
