// The public handle.

#include "couplers/ensemble/members.hpp"

#include <cardan/ensemble.hpp>

#include <utility>

namespace cardan {

const char* to_string(MemberState state) noexcept
{
  switch (state) {
    case MemberState::running: return "running";
    case MemberState::ended: return "ended";
    case MemberState::stopped: return "stopped";
    case MemberState::failed: return "failed";
  }
  return "unknown";
}

int Ensemble::size() const
{
  return members_->size();
}

const std::vector<int>& Ensemble::members() const
{
  return members_->members();
}

MPI_Comm Ensemble::member_comm() const
{
  return members_->member_comm();
}

void Ensemble::run(const EnsemblePhysics& physics, const EnsembleRun& run)
{
  members_->run(physics, run);
}

MemberState Ensemble::state(int member) const
{
  return members_->member(member).state;
}

std::int64_t Ensemble::segments(int member) const
{
  return members_->member(member).segments;
}

double Ensemble::time(int member) const
{
  return members_->member(member).time;
}

double Ensemble::weight(int member) const
{
  return members_->member(member).weight;
}

const EnsembleCounters& Ensemble::counters() const
{
  return members_->counters();
}

void Ensemble::on_decision(std::function<void(const MemberDecision& decision)> call)
{
  members_->on_decision(std::move(call));
}

std::vector<Ensemble::Latency> Ensemble::latencies() const
{
  return members_->latencies();
}

}  // namespace cardan
