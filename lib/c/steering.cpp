// Steering of C: fields are bound, then reported and decided.

#include "c/array.hpp"
#include "c/handles.hpp"

#include <cardan/steering.hpp>

namespace cardan::c {

namespace {

struct SteeringState {
  SteeringState(Session& its, std::string called) : session(its), name(std::move(called)) {}

  Session& session;
  std::string name;
  Bound report;
  Bound decision;
  std::optional<Steering> steering;
};

/// Nothing counts samples: all extents are the field's own.
Features features_of(const Bound& bound)
{
  Features features;
  for (const auto& [name, field] : bound.fields()) {
    Feature feature{std::string{name}, field.dtype(), {}};
    for (int i = 0; i < field.shape().rank(); ++i) feature.shape.push_back(field.shape()[i]);
    features.push_back(std::move(feature));
  }
  return features;
}

void bind(Session& session, Bound& bound, const char* name, const cardan_array* array)
{
  if (array != nullptr && array->boxed != 0)
    throw Misuse{"field '" + text_of(name, "name") + "' is part of a global array",
                 "each rank reports, and is told, for itself"};
  bound.bind(&session, name, array);
}

}  // namespace

}  // namespace cardan::c

struct cardan_steering : cardan::c::Shell<cardan::c::SteeringState> {};

namespace {

using cardan::c::needed;
using cardan::c::SteeringState;
using cardan::c::translate;

SteeringState& behind(cardan_steering* steering)
{
  return cardan::c::state_of(steering, "steering");
}

SteeringState& started(cardan_steering* steering)
{
  auto& state = behind(steering);
  if (!state.steering)
    throw cardan::c::Misuse{"steering '" + state.name + "' is not started", "",
                            "Declare the fields of reports and decisions, then start it on all "
                            "ranks."};
  return state;
}

}  // namespace

cardan_status cardan_steering_open(cardan_session* session, const char* name,
                                   cardan_steering** steering)
{
  return translate([&] {
    needed(steering, "steering") = nullptr;
    auto& parent = cardan::c::simulation_of(session);
    *steering = cardan::c::make<cardan_steering>(
        std::make_unique<SteeringState>(parent.session, cardan::c::text_of(name, "name")));
    parent.opened.push_back(*steering);
  });
}

cardan_status cardan_steering_report_field(cardan_steering* steering, const char* name,
                                           const cardan_array* array)
{
  return translate([&] {
    auto& state = behind(steering);
    cardan::c::bind(state.session, state.report, name, array);
  });
}

cardan_status cardan_steering_decision_field(cardan_steering* steering, const char* name,
                                             const cardan_array* array)
{
  return translate([&] {
    auto& state = behind(steering);
    cardan::c::bind(state.session, state.decision, name, array);
  });
}

cardan_status cardan_steering_start(cardan_steering* steering)
{
  return translate([&] {
    auto& state = behind(steering);
    if (state.steering)
      throw cardan::c::Misuse{"steering '" + state.name + "' is started already", "",
                              "Start it once."};
    state.steering = state.session.steering(state.name, cardan::c::features_of(state.report),
                                            cardan::c::features_of(state.decision));
    state.report.fix("steering '" + state.name + "'", "report field");
    state.decision.fix("steering '" + state.name + "'", "decision field");
  });
}

cardan_status cardan_steering_report(cardan_steering* steering)
{
  return translate([&] {
    auto& state = started(steering);
    state.steering->report(state.report.fields());
  });
}

cardan_status cardan_steering_poll(cardan_steering* steering, int* decided)
{
  return translate([&] {
    auto& state = started(steering);
    const bool some = state.steering->poll(state.decision.fields());
    if (decided != nullptr) *decided = some ? 1 : 0;
  });
}

cardan_status cardan_steering_wait(cardan_steering* steering, double seconds, int* decided)
{
  return translate([&] {
    auto& state = started(steering);
    if (!(seconds >= 0))
      throw cardan::c::Misuse{"the argument 'seconds' is " + std::to_string(seconds),
                              "it must not be negative"};
    const bool some = state.steering->wait(state.decision.fields(), seconds);
    if (decided != nullptr) *decided = some ? 1 : 0;
  });
}

cardan_status cardan_steering_stamp(cardan_steering* steering, cardan_decision_stamp* stamp)
{
  return translate([&] {
    const cardan::DecisionStamp& from = started(steering).steering->stamp();
    cardan_decision_stamp& to = needed(stamp, "stamp");
    to = {from.id, from.step, from.age_steps, from.version, from.latency, from.work, from.rank, {}};
    from.reason.copy(to.reason, sizeof to.reason - 1);
  });
}

cardan_status cardan_steering_counted(cardan_steering* steering, cardan_steering_counters* counters)
{
  return translate([&] {
    const cardan::SteeringCounters& from = started(steering).steering->counters();
    needed(counters, "counters") = {from.reported, from.dropped, from.arrived,
                                    from.applied,  from.late,    from.superseded};
  });
}

cardan_status cardan_steering_close(cardan_steering** steering)
{
  return translate([&] { cardan::c::take(steering, "steering").reset(); });
}
