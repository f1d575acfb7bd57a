// Services of C: requests are asked with bound arrays.

#include "c/array.hpp"
#include "c/handles.hpp"

#include <cardan/service.hpp>

#include <deque>

namespace cardan::c {

namespace {

/// A future and the ticket that C knows it by: a request that was forgotten is found to be so.
struct Asked {
  std::int64_t ticket = 0;
  Future future;
};

struct ServiceState {
  ServiceState(Session& its, std::string called) : session(its), name(std::move(called)) {}

  Session& session;
  std::string name;
  Bound inputs;
  Bound outputs;
  std::optional<Service> service;
  std::deque<Asked> asked;
  std::vector<std::size_t> free;
  std::int64_t tickets = 0;

  cardan_request keep(Future future)
  {
    std::size_t place = asked.size();
    if (free.empty()) {
      if (place > 0xfffff)
        throw Error{"service '" + name + "' has a million requests that were not waited for"};
      asked.emplace_back();
      free.reserve(asked.size());
    } else {
      place = free.back();
      free.pop_back();
    }
    asked[place].ticket = (++tickets << 20) | static_cast<std::int64_t>(place);
    asked[place].future = std::move(future);
    return asked[place].ticket;
  }

  Asked& find(cardan_request request)
  {
    const auto place = static_cast<std::size_t>(request & 0xfffff);
    if (request <= 0 || place >= asked.size() || asked[place].ticket != request)
      throw Misuse{"service '" + name + "' knows no such request", "it has ended, or never began"};
    return asked[place];
  }

  void forget(Asked& ended)
  {
    free.push_back(static_cast<std::size_t>(ended.ticket & 0xfffff));
    ended.ticket = 0;
    ended.future = Future{};
  }
};

cardan_response response_of(const Future& future)
{
  const ResponseTimes& times = future.times();
  return {static_cast<cardan_request_status>(future.status()),
          future.version(),
          future.instance(),
          future.attempts(),
          times.put,
          times.queue,
          times.batch_wait,
          times.inference,
          times.reply,
          times.total};
}

}  // namespace

}  // namespace cardan::c

struct cardan_service : cardan::c::Shell<cardan::c::ServiceState> {};

namespace {

using cardan::c::needed;
using cardan::c::ServiceState;
using cardan::c::translate;

ServiceState& behind(cardan_service* service)
{
  return cardan::c::state_of(service, "service");
}

ServiceState& started(cardan_service* service)
{
  auto& state = behind(service);
  if (!state.service)
    throw cardan::c::Misuse{"service '" + state.name + "' is not started", "",
                            "Declare its inputs and outputs, then start it on all ranks."};
  return state;
}

void check_instance(const ServiceState& state, int instance)
{
  if (instance < 0 || instance >= state.service->instances())
    throw cardan::c::Misuse{
        "service '" + state.name + "' has no instance " + std::to_string(instance),
        "it has " + std::to_string(state.service->instances())};
}

}  // namespace

cardan_status cardan_service_open(cardan_session* session, const char* name,
                                  cardan_service** service)
{
  return translate([&] {
    needed(service, "service") = nullptr;
    auto& parent = cardan::c::simulation_of(session);
    *service = cardan::c::make<cardan_service>(
        std::make_unique<ServiceState>(parent.session, cardan::c::text_of(name, "name")));
    parent.opened.push_back(*service);
  });
}

cardan_status cardan_service_input(cardan_service* service, const char* name,
                                   const cardan_array* array)
{
  return translate([&] {
    auto& state = behind(service);
    state.inputs.bind(&state.session, name, array);
  });
}

cardan_status cardan_service_output(cardan_service* service, const char* name,
                                    const cardan_array* array)
{
  return translate([&] {
    auto& state = behind(service);
    state.outputs.bind(&state.session, name, array);
  });
}

cardan_status cardan_service_start(cardan_service* service)
{
  return translate([&] {
    auto& state = behind(service);
    if (state.service)
      throw cardan::c::Misuse{"service '" + state.name + "' is started already", "",
                              "Start it once."};
    state.service = state.session.service(state.name, state.inputs.specs(), state.outputs.specs());
    state.inputs.fix("service '" + state.name + "'", "input");
    state.outputs.fix("service '" + state.name + "'", "output");
  });
}

cardan_status cardan_service_request(cardan_service* service, int priority, double deadline,
                                     cardan_request* request)
{
  return translate([&] {
    auto& state = started(service);
    cardan_request& ticket = needed(request, "request");
    ticket = state.keep(state.service->request(state.inputs.fields(), state.outputs.fields(),
                                               {priority, {deadline}}));
  });
}

cardan_status cardan_service_wait(cardan_service* service, double seconds, cardan_request* request,
                                  cardan_response* response)
{
  return translate([&] {
    auto& state = started(service);
    auto& asked = state.find(needed(request, "request"));
    const auto status = seconds < 0 ? asked.future.wait() : asked.future.wait_for(seconds);
    if (response != nullptr) *response = cardan::c::response_of(asked.future);
    if (status == cardan::RequestStatus::waiting) return;
    state.forget(asked);
    *request = 0;
  });
}

cardan_status cardan_service_poll(cardan_service* service, int* ended)
{
  return translate([&] {
    const bool some = started(service).service->poll();
    if (ended != nullptr) *ended = some ? 1 : 0;
  });
}

cardan_status cardan_service_cancel(cardan_service* service, cardan_request* request)
{
  return translate([&] {
    auto& state = started(service);
    auto& asked = state.find(needed(request, "request"));
    asked.future.cancel();
    state.forget(asked);
    *request = 0;
  });
}

cardan_status cardan_service_wait_ready(cardan_service* service, double seconds, int* ready)
{
  return translate(
      [&] { needed(ready, "ready") = started(service).service->wait_ready(seconds) ? 1 : 0; });
}

cardan_status cardan_service_drain(cardan_service* service, int instance)
{
  return translate([&] {
    auto& state = started(service);
    check_instance(state, instance);
    state.service->drain(instance);
  });
}

cardan_status cardan_service_resume(cardan_service* service, int instance)
{
  return translate([&] {
    auto& state = started(service);
    check_instance(state, instance);
    state.service->resume(instance);
  });
}

cardan_status cardan_service_swap(cardan_service* service, const char* file, int64_t* version)
{
  return translate([&] {
    const auto next = started(service).service->swap(file != nullptr ? file : "");
    if (version != nullptr) *version = next;
  });
}

cardan_status cardan_service_instances(cardan_service* service, int* count)
{
  return translate([&] { needed(count, "count") = started(service).service->instances(); });
}

cardan_status cardan_service_instance(cardan_service* service, int index, cardan_instance* instance)
{
  return translate([&] {
    auto& state = started(service);
    check_instance(state, index);
    const cardan::InstanceView view = state.service->instance(index);
    needed(instance, "instance") = {view.rank,
                                    view.on_this_node ? 1 : 0,
                                    static_cast<cardan_instance_state>(view.state),
                                    view.stalled ? 1 : 0,
                                    view.version,
                                    view.queued,
                                    view.outstanding,
                                    view.heartbeat_age};
  });
}

cardan_status cardan_service_counted(cardan_service* service, cardan_service_counters* counters)
{
  return translate([&] {
    const cardan::ServiceCounters& from = started(service).service->counters();
    needed(counters, "counters") = {from.requested, from.answered, from.late,        from.cancelled,
                                    from.failed,    from.moved,    from.handed_back, from.too_old,
                                    from.refused,   from.stale,    from.stalls,      from.revivals};
  });
}

cardan_status cardan_service_close(cardan_service** service)
{
  return translate([&] { cardan::c::take(service, "service").reset(); });
}
