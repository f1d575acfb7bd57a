// What a restart needs of a buffer.
#include "couplers/closure/buffer.hpp"

#include "support/generator_state.hpp"

#include <cardan/error.hpp>

#include <algorithm>
#include <numeric>
#include <utility>

namespace cardan::closure {

std::vector<std::int64_t> Buffer::records() const
{
  std::vector<std::int64_t> numbers;
  for (const auto& record : records_) {
    numbers.push_back(record.step);
    numbers.push_back(record.hits);
  }
  return numbers;
}

State Buffer::checkpoint() const
{
  State own;
  const std::vector<std::int64_t> counters{seen_, dropped_, evicted_, draws_};
  own.put("counters", Dtype::int64, {1, 4}, counters.data());
  own.put("capacity", Dtype::int64, {1}, &capacity_);
  put_generator(own, "generator", random_);
  put_places(own);
  return own;
}

void Buffer::restore(const State& own, Columns inputs, Columns targets,
                     const std::vector<std::int64_t>& records)
{
  const std::int64_t count = inputs.count();
  if (targets.count() != count || static_cast<std::int64_t>(records.size()) != 2 * count)
    throw Error{"a buffer's samples do not belong together",
                std::to_string(count) + " inputs, " + std::to_string(targets.count()) +
                    " targets, " + std::to_string(records.size() / 2) + " records"};
  std::vector<std::int64_t> counters(4);
  own.get("counters", Dtype::int64, {1, 4}, counters.data());
  // Of another capacity or kind: places have another meaning.
  const bool same = own.has("generator") && own.integer("capacity") == capacity_ &&
                    count <= capacity_ && take_places(own, count);
  if (same)
    random_ = generator_of(own, "generator");
  else
    random_.seed(random_() + 0x9e3779b97f4a7c15U * static_cast<std::uint64_t>(counters[0] + 1));

  seen_ = counters[0];
  dropped_ = counters[1];
  evicted_ = counters[2];
  draws_ = counters[3];
  records_.clear();
  for (std::int64_t i = 0; i < count; ++i)
    records_.push_back(
        {records[static_cast<std::size_t>(2 * i)], records[static_cast<std::size_t>(2 * i + 1)]});
  if (same) {
    inputs_ = std::move(inputs);
    targets_ = std::move(targets);
    return;
  }
  std::vector<std::int64_t> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  choose_to_keep(order);
  const auto from = std::exchange(records_, {});
  inputs_.resize(0);
  targets_.resize(0);
  const Batch x = inputs.batch();
  const Batch y = targets.batch();
  for (const auto place : order) {
    inputs_.append(x, place);
    targets_.append(y, place);
    records_.push_back(from[static_cast<std::size_t>(place)]);
  }
  evicted_ += count - size();
  places_anew();
}

void Buffer::choose_to_keep(std::vector<std::int64_t>& order)
{
  const auto kept = static_cast<std::ptrdiff_t>(capacity_);
  const auto step = [&](std::int64_t i) { return records_[static_cast<std::size_t>(i)].step; };
  if (keeps_newest()) {
    std::stable_sort(order.begin(), order.end(),
                     [&](std::int64_t a, std::int64_t b) { return step(a) < step(b); });
    if (std::ssize(order) > kept) order.erase(order.begin(), order.end() - kept);
    return;
  }
  if (std::ssize(order) <= kept) return;
  std::vector<std::int64_t> chosen;
  std::sample(order.begin(), order.end(), std::back_inserter(chosen), kept, random_);
  order = std::move(chosen);
}

}  // namespace cardan::closure
