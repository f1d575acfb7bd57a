// The public handle.

#include "couplers/steering/handle.hpp"

namespace cardan {

void Steering::report(Fields fields)
{
  handle_->report({fields.begin(), fields.size()});
}
void Steering::report(FieldList fields)
{
  handle_->report(fields);
}
bool Steering::poll(Fields fields)
{
  return handle_->poll({fields.begin(), fields.size()});
}
bool Steering::poll(FieldList fields)
{
  return handle_->poll(fields);
}
bool Steering::wait(Fields fields, double seconds)
{
  return handle_->wait({fields.begin(), fields.size()}, seconds);
}
bool Steering::wait(FieldList fields, double seconds)
{
  return handle_->wait(fields, seconds);
}
const DecisionStamp& Steering::stamp() const
{
  return handle_->stamp();
}
const SteeringCounters& Steering::counters() const
{
  return handle_->counters();
}

}  // namespace cardan
