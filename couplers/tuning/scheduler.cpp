#include "couplers/tuning/scheduler.hpp"

#include "couplers/tuning/halving.hpp"
#include "couplers/tuning/population.hpp"

#include <utility>

namespace cardan::tuning {

Scheduler::Scheduler(const Settings& settings)
    : settings_(settings), rungs_(settings.scheduler.rungs())
{}

std::int64_t Scheduler::add(std::vector<double> values)
{
  values_.push_back(std::move(values));
  return static_cast<std::int64_t>(values_.size()) - 1;
}

std::int64_t Scheduler::epochs_to(int rung) const
{
  const auto at = static_cast<std::size_t>(rung);
  return rungs_[at] - (rung > 0 ? rungs_[at - 1] : 0);
}

Piece Scheduler::begin()
{
  const auto trial = static_cast<std::int64_t>(values_.size());
  return {add(settings_.space.draw(static_cast<std::uint64_t>(settings_.seed), trial)), 0,
          epochs_to(0), TuningVerdict::begin, -1};
}

std::unique_ptr<Scheduler> make_scheduler(const Settings& settings)
{
  switch (settings.scheduler.kind) {
    case SchedulerSettings::Kind::asha: return std::make_unique<Asha>(settings);
    case SchedulerSettings::Kind::halving: return std::make_unique<Halving>(settings);
    case SchedulerSettings::Kind::random: return std::make_unique<RandomSearch>(settings);
    case SchedulerSettings::Kind::population: return std::make_unique<Population>(settings);
  }
  return nullptr;
}

}  // namespace cardan::tuning
