// The public handle.

#include "couplers/pipeline/client.hpp"

#include <cardan/pipeline.hpp>

namespace cardan {

const PipelineReport& Pipeline::run(const PipelineWork& work)
{
  return client_->run(work);
}

const PipelineReport& Pipeline::report() const
{
  return client_->report();
}

const std::vector<std::string>& Pipeline::stages() const
{
  return client_->stages();
}

std::int64_t Pipeline::candidates() const
{
  return client_->candidates();
}

}  // namespace cardan
