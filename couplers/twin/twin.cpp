// The public handle.

#include "couplers/twin/client.hpp"

#include <cardan/twin.hpp>

namespace cardan {

const char* to_string(TwinOutcome outcome) noexcept
{
  switch (outcome) {
    case TwinOutcome::on_time: return "on time";
    case TwinOutcome::missed: return "missed";
    case TwinOutcome::none: return "none";
  }
  return "unknown";
}

void Twin::begin(std::int64_t cycle)
{
  client_->begin(cycle);
}

void Twin::publish(Fields observation)
{
  client_->publish({observation.begin(), observation.size()});
}

void Twin::publish(FieldList observation)
{
  client_->publish(observation);
}

TwinOutcome Twin::answer(Fields answer)
{
  return client_->answer({answer.begin(), answer.size()});
}

TwinOutcome Twin::answer(FieldList answer)
{
  return client_->answer(answer);
}

const TwinStamp& Twin::stamp() const
{
  return client_->stamp();
}

const TwinCounters& Twin::counters() const
{
  return client_->counters();
}

double Twin::period() const
{
  return client_->period();
}

bool Twin::realtime() const
{
  return client_->realtime();
}

}  // namespace cardan
