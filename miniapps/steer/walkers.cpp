#include "walkers.hpp"

#include "gather.hpp"

#include <cardan/error.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <thread>

namespace steer {

namespace {

/// Seeds of walkers that have nothing in common (splitmix64).
std::uint64_t mixed(std::uint64_t seed, std::uint64_t member)
{
  std::uint64_t z = seed * 0x9e3779b97f4a7c15U + member + 1;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

}  // namespace

Walkers::Walkers(const Plan& plan, const System& system, const cardan::Ensemble& ensemble,
                 Watch& watch, std::uint64_t seed)
    : plan_(plan),
      system_(system),
      ensemble_(ensemble),
      watch_(watch),
      steps_(std::max<std::int64_t>(1, std::llround(plan.segment / system.dt()))),
      walkers_(static_cast<std::size_t>(ensemble.size())),
      energy_(walkers_.size(), 0),
      lowest_(std::numeric_limits<double>::infinity())
{
  for (const int member : ensemble.members())
    walkers_[static_cast<std::size_t>(member)] =
        system.walker(mixed(seed, static_cast<std::uint64_t>(member)));
  if (plan.system.name == "lj7" && plan.system.target == "labels" && plan.hops == 0) {
    SystemSettings settings = plan.system;
    settings.target = "isomers";
    settings.engine = "built-in";
    settings.nuisance = 0;
    isomers_ = make_system(settings);
    probe_ = isomers_->walker(0);
    state_.resize(static_cast<std::size_t>(system.state_size()));
    isomer_time_.resize(isomers_->states().size(), 0);
  }
}

Walker& Walkers::walker(int member)
{
  return *walkers_[static_cast<std::size_t>(member)];
}

/// Time that passes as if the segment were computed elsewhere: it needs no core of this machine.
void Walkers::pause(int member) const
{
  if (!(plan_.pace > 0)) return;
  const double place =
      ensemble_.size() > 1 ? static_cast<double>(member) / (ensemble_.size() - 1) : 0;
  std::this_thread::sleep_for(
      std::chrono::duration<double>(plan_.pace * (1 + (plan_.uneven - 1) * place)));
}

void Walkers::note(int member, int state)
{
  if (!plan_.keeps_frames) return;
  // The segment that has just been done is counted when its frame is sent.
  frames_.push_back({member, ensemble_.segments(member) + 1, state});
  const auto size = static_cast<std::size_t>(system_.descriptor_size());
  descriptors_.resize(descriptors_.size() + size);
  walker(member).describe(std::span(descriptors_).last(size));
}

// The probe's friction and temperature do not matter: it is quenched where the walker is.
void Walkers::count_isomer(int member, double time)
{
  time_ += time;
  if (!probe_) return;
  walker(member).save(state_);
  probe_->restart(state_, 0);
  const int isomer = probe_->state();
  const double weight = ensemble_.weight(member) * ensemble_.size();
  if (isomer >= 0) isomer_time_[static_cast<std::size_t>(isomer)] += weight * time;
}

double Walkers::advance(int member)
{
  const double time = walker(member).advance(steps_);
  pause(member);
  if (!std::isfinite(walker(member).potential())) return time;
  const int state = walker(member).state();
  watch_.segment(time, state, ensemble_.weight(member));
  count_isomer(member, time);
  note(member, state);
  return time;
}

double Walkers::hop(int member)
{
  const auto m = static_cast<std::size_t>(member);
  for (std::int64_t i = 0; i < plan_.hops; ++i) {
    energy_[m] = walker(member).hop();
    lowest_ = std::min(lowest_, energy_[m]);
  }
  pause(member);
  const auto hops = static_cast<double>(plan_.hops);
  watch_.segment(hops, lowest_ <= plan_.goal ? 0 : -1, ensemble_.weight(member));
  note(member, -1);
  return hops;
}

cardan::EnsemblePhysics Walkers::physics()
{
  cardan::EnsemblePhysics physics;
  const bool hopping = plan_.hops > 0;
  physics.advance = [this, hopping](int member) { return hopping ? hop(member) : advance(member); };
  physics.describe = [this](int member, std::span<double> descriptor) {
    walker(member).describe(descriptor);
  };
  physics.save = [this](int member, std::span<double> state) { walker(member).save(state); };
  physics.restart = [this](int member, std::span<const double> state, std::uint64_t seed) {
    walker(member).restart(state, seed);
  };
  if (hopping)
    physics.objective = [this](int member) { return energy_[static_cast<std::size_t>(member)]; };
  return physics;
}

void Walkers::report(MPI_Comm comm, Episode& episode) const
{
  episode.frames = gathered(comm, frames_);
  episode.descriptors = gathered(comm, descriptors_);
  episode.descriptor_size = system_.descriptor_size();
  MPI_Allreduce(&lowest_, &episode.lowest, 1, MPI_DOUBLE, MPI_MIN, comm);
  std::vector<double> sums = isomer_time_;
  sums.push_back(time_);
  MPI_Allreduce(MPI_IN_PLACE, sums.data(), static_cast<int>(sums.size()), MPI_DOUBLE, MPI_SUM,
                comm);
  for (std::size_t i = 0; i < isomer_time_.size(); ++i)
    episode.isomer_populations.push_back(sums.back() > 0 ? sums[i] / sums.back() : 0);
  if (isomers_) {
    episode.isomers = isomers_->states();
    episode.isomer_equilibrium = isomers_->equilibrium();
  }
}

}  // namespace steer
