#include "couplers/tasks/foreman.hpp"

#include "support/clock.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace cardan::tasks {

Foreman::Foreman(int workers, int depth, std::int64_t order_numbers)
    : workers_(static_cast<std::size_t>(workers)),
      depth_(static_cast<std::size_t>(depth)),
      numbers_(static_cast<std::size_t>(order_numbers) + 1)
{
  for (auto& worker : workers_) worker.told = clock();
}

int Foreman::room(int worker) const
{
  const auto& one = workers_[static_cast<std::size_t>(worker)];
  return one.here && !one.ended ? static_cast<int>(depth_ - one.jobs.size()) : 0;
}

int Foreman::least_busy(std::span<const int> allowed) const
{
  int best = -1;
  const auto look = [&](int worker) {
    if (room(worker) > 0 && (best < 0 || room(worker) > room(best))) best = worker;
  };
  if (allowed.empty())
    for (int worker = 0; worker < static_cast<int>(workers_.size()); ++worker) look(worker);
  for (const int worker : allowed) look(worker);
  return best;
}

std::int64_t Foreman::outstanding() const
{
  std::int64_t sum = 0;
  for (const auto& worker : workers_) sum += static_cast<std::int64_t>(worker.jobs.size());
  return sum;
}

void Foreman::send(int worker, const Order& order, Outbox& outbox, std::string_view reason)
{
  if (order.numbers.size() + 1 > numbers_.size()) throw std::logic_error("an order is too long");
  numbers_[0] = static_cast<double>(order.numbers.size());
  std::copy(order.numbers.begin(), order.numbers.end(), numbers_.begin() + 1);
  const std::array<int, 1> to{worker};
  const std::array<const std::byte*, 1> columns{
      reinterpret_cast<const std::byte*>(numbers_.data())};
  Ruling ruling;
  ruling.to = to;
  ruling.step = order.id;
  ruling.version = order.version;
  ruling.tag = order.kind;
  ruling.reason = reason;
  ruling.columns = columns.data();
  outbox.send(ruling);
  workers_[static_cast<std::size_t>(worker)].told = clock();
}

void Foreman::give(int worker, const Order& order, Outbox& outbox, std::string_view reason)
{
  if (room(worker) <= 0) throw std::logic_error("a worker has no room for an order");
  send(worker, order, outbox, reason);
  workers_[static_cast<std::size_t>(worker)].jobs.push_back({order.id, order.kind});
}

Result Foreman::take(const Report& report)
{
  auto& worker = workers_[static_cast<std::size_t>(report.rank)];
  Result result;
  result.worker = report.rank;
  result.id = report.step;
  result.kind = report.tag;
  result.seconds = report.values[0];
  result.idle = 1e-6 * report.part;
  result.numbers = {reinterpret_cast<const double*>(report.columns[0]),
                    static_cast<std::size_t>(report.values[1])};
  const auto job = std::find_if(worker.jobs.begin(), worker.jobs.end(), [&](const Job& each) {
    return each.id == result.id && each.kind == result.kind;
  });
  if (job == worker.jobs.end()) throw std::logic_error("a result has no order");
  worker.jobs.erase(job);
  ++worker.results;
  worker.busy += result.seconds;
  worker.idle += result.idle;
  return result;
}

std::vector<Foreman::Job> Foreman::left(int worker)
{
  auto& one = workers_[static_cast<std::size_t>(worker)];
  one.here = false;
  return std::exchange(one.jobs, {});
}

void Foreman::reassure(double seconds, Outbox& outbox)
{
  const auto before = clock() - static_cast<std::int64_t>(seconds * 1e9);
  for (int worker = 0; worker < static_cast<int>(workers_.size()); ++worker) {
    const auto& one = workers_[static_cast<std::size_t>(worker)];
    if (one.here && !one.ended && one.jobs.empty() && one.told < before)
      send(worker, {0, still_here, 0, {}}, outbox, {});
  }
}

void Foreman::end(Outbox& outbox)
{
  for (int worker = 0; worker < static_cast<int>(workers_.size()); ++worker) {
    auto& one = workers_[static_cast<std::size_t>(worker)];
    if (!one.here || std::exchange(one.ended, true)) continue;
    send(worker, {0, end_of_orders, 0, {}}, outbox, {});
  }
}

}  // namespace cardan::tasks
