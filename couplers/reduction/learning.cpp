#include "couplers/reduction/learning.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace cardan::reduction {

Learning::Learning(const Context& context, const Settings& settings, const Ends& ends)
    : settings_(settings),
      random_(static_cast<std::uint64_t>(context.settings.seed) + 17 +
              static_cast<std::uint64_t>(std::max(ends.index, 0)))
{
  const mpi::Comm receivers = mpi::split(context.part.get(), ends.index >= 0 ? 0 : MPI_UNDEFINED);
  if (!receivers) return;
  fields_ = ends.fields.front();
  const bool windows = context.choice.on_node != TransportKind::two_sided &&
                       context.choice.between != TransportKind::two_sided;
  for (const auto& field : fields_)
    reservoirs_.push_back(std::make_unique<Reservoir>(
        receivers.get(), settings.reservoir, block_numbers(field, settings),
        static_cast<std::uint64_t>(context.settings.seed) + reservoirs_.size(), windows));
}

void Learning::load(const Context& context, int threads)
{
  trainer_ = std::make_unique<Trainer>(context.run_file, settings_, fields_,
                                       static_cast<std::uint64_t>(context.settings.seed), threads);
}

const std::vector<Blocking>& Learning::blockings_of(const Reconstruction& arrived)
{
  auto& all = blockings_[arrived.rank];
  if (all.empty())
    for (const auto& field : arrived.fields) all.emplace_back(field, edges_of(field, settings_));
  return all;
}

void Learning::add(const Reconstruction& arrived)
{
  const auto& blockings = blockings_of(arrived);
  step_ = std::max(step_, arrived.step);
  std::int64_t added = 0;
  for (std::size_t f = 0; f < fields_.size(); ++f) {
    const Blocking& blocking = blockings[f];
    const auto numbers = static_cast<std::size_t>(blocking.numbers());
    block_.resize(numbers);
    const std::int64_t wanted = std::min(settings_.samples, blocking.count());
    added = std::max(added, wanted);
    for (std::int64_t i = 0; i < wanted; ++i) {
      // All of them where all are wanted; otherwise drawn with replacement.
      const std::int64_t block = wanted == blocking.count()
                                     ? i
                                     : static_cast<std::int64_t>(random_.below(
                                           static_cast<std::size_t>(blocking.count())));
      blocking.cut(arrived.values[f], block, block_.data());
      if (std::all_of(block_.begin(), block_.end(), [](double x) { return std::isfinite(x); }))
        reservoirs_[f]->add(arrived.step, block_.data());
    }
  }
  seen_ += added;
}

std::optional<Encoders> Learning::work()
{
  if (!trainer_) return {};
  return trainer_->work(seen_, [this](std::size_t field, double* numbers) {
    return reservoirs_[field]->draw(step_, numbers);
  });
}

std::string Learning::summary() const
{
  if (!trainer_) return "";
  ReservoirCounters all;
  for (const auto& reservoir : reservoirs_) {
    const auto& one = reservoir->counters();
    all.local_hits += one.local_hits;
    all.remote_hits += one.remote_hits;
    all.empty += one.empty;
    all.torn += one.torn;
    all.age_sum += one.age_sum;
    all.age_most = std::max(all.age_most, one.age_most);
  }
  const double mean =
      all.hits() > 0 ? static_cast<double>(all.age_sum) / static_cast<double>(all.hits()) : 0;
  return fmt::format(
      "{} steps of training (loss {:.3g}), {} blocks drawn of its own shard and {} of others, {} "
      "misses, {:.1f} steps old on average and {} at most",
      trainer_->steps(), trainer_->loss(), all.local_hits, all.remote_hits, all.misses(), mean,
      all.age_most);
}

void Learning::abandon() noexcept
{
  for (auto& reservoir : reservoirs_) reservoir->abandon();
}

}  // namespace cardan::reduction
