#include "couplers/tuning/wire.hpp"

#include <algorithm>
#include <stdexcept>

namespace cardan::tuning {

namespace {

constexpr std::size_t fixed = 14;
/// The least room, for parts of the report.
constexpr std::int64_t least = 512;

}  // namespace

std::int64_t order_numbers(int ranks, int slots, std::size_t parameters)
{
  return std::max(least, static_cast<std::int64_t>(fixed + parameters) + ranks + slots + 2);
}

std::vector<double> TrainOrder::numbers() const
{
  std::vector<double> all{
      static_cast<double>(trial),        static_cast<double>(rung),
      static_cast<double>(seed >> 32U),  static_cast<double>(seed & 0xFFFFFFFFU),
      static_cast<double>(before),       static_cast<double>(epochs),
      static_cast<double>(entry),        static_cast<double>(source),
      static_cast<double>(source_rank),  static_cast<double>(source_slot),
      static_cast<double>(slot),         static_cast<double>(ranks.size()),
      static_cast<double>(drops.size()), static_cast<double>(values.size())};
  all.insert(all.end(), ranks.begin(), ranks.end());
  all.insert(all.end(), drops.begin(), drops.end());
  all.insert(all.end(), values.begin(), values.end());
  return all;
}

TrainOrder TrainOrder::from(std::span<const double> numbers)
{
  if (numbers.size() < fixed) throw std::logic_error("an order to train is too short");
  TrainOrder order;
  const auto integer = [&](std::size_t at) { return static_cast<std::int64_t>(numbers[at]); };
  order.trial = integer(0);
  order.rung = static_cast<int>(integer(1));
  order.seed =
      (static_cast<std::uint64_t>(integer(2)) << 32U) | static_cast<std::uint64_t>(integer(3));
  order.before = integer(4);
  order.epochs = integer(5);
  order.entry = static_cast<Entry>(integer(6));
  order.source = integer(7);
  order.source_rank = static_cast<int>(integer(8));
  order.source_slot = static_cast<int>(integer(9));
  order.slot = static_cast<int>(integer(10));
  const auto* at = numbers.data() + fixed;
  for (auto left = integer(11); left > 0; --left) order.ranks.push_back(static_cast<int>(*at++));
  for (auto left = integer(12); left > 0; --left) order.drops.push_back(static_cast<int>(*at++));
  order.values.assign(at, at + integer(13));
  return order;
}

std::vector<double> Answer::numbers() const
{
  return {loss,
          static_cast<double>(before),
          static_cast<double>(made),
          static_cast<double>(samples),
          static_cast<double>(held_out),
          static_cast<double>(lost),
          simulates ? 1.0 : 0.0,
          moves ? 1.0 : 0.0};
}

Answer Answer::from(std::span<const double> numbers)
{
  if (numbers.size() < static_cast<std::size_t>(size))
    throw std::logic_error("a result of a tuning is too short");
  const auto integer = [&](std::size_t at) { return static_cast<std::int64_t>(numbers[at]); };
  return {numbers[0], integer(1), integer(2),      integer(3),
          integer(4), integer(5), numbers[6] != 0, numbers[7] != 0};
}

}  // namespace cardan::tuning
