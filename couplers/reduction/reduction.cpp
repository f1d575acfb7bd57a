// The public handle.

#include "couplers/reduction/client.hpp"

#include <cardan/reduction.hpp>

namespace cardan {

bool Reduction::put(Fields fields)
{
  return client_->put({fields.begin(), fields.size()});
}

bool Reduction::put(FieldList fields)
{
  return client_->put(fields);
}

void Reduction::fit(FieldList fields)
{
  client_->fit(fields);
}

const ReductionCounters& Reduction::counters() const
{
  return client_->counters();
}

const ReductionSetting& Reduction::setting() const
{
  return client_->setting();
}

}  // namespace cardan
