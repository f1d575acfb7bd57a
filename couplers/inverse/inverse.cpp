// The public handle.

#include "couplers/inverse/client.hpp"

#include <cardan/inverse.hpp>

namespace cardan {

const InverseReport& Inverse::run()
{
  return client_->run();
}

const InverseReport& Inverse::report() const
{
  return client_->report();
}

const std::vector<InverseSample>& Inverse::samples() const
{
  return client_->samples();
}

}  // namespace cardan
