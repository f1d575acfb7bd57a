// The public handle.

#include "couplers/federation/client.hpp"

#include <cardan/federation.hpp>

namespace cardan {

int Federation::silo() const
{
  return client_->silo();
}

int Federation::silos() const
{
  return client_->silos();
}

MPI_Comm Federation::silo_comm() const
{
  return client_->silo_comm();
}

void Federation::observe(Fields inputs, Fields outputs)
{
  client_->observe(inputs, outputs);
}

void Federation::hold_out(Fields inputs, Fields outputs)
{
  client_->hold_out(inputs, outputs);
}

FederationRound Federation::round()
{
  return client_->round();
}

void Federation::predict(Fields inputs, Fields outputs)
{
  client_->predict(inputs, outputs);
}

void Federation::save(const std::string& path) const
{
  client_->save(path);
}

const std::vector<FederationRound>& Federation::rounds() const
{
  return client_->rounds();
}

}  // namespace cardan
