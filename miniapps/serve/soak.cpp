#include "soak.hpp"

#include "support/progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <random>
#include <vector>

namespace serve {

using cardan::Field;
using cardan::RequestStatus;

namespace {

/// No answer is negative.
constexpr double untouched = -1;

/// A request and its memory; once it has ended, the memory is watched until it is used again.
struct Item {
  std::vector<double> x;
  std::vector<double> y;
  cardan::Future future;
  bool asked = false;
  /// The newest version that had answered when this one was asked.
  std::uint32_t least = 0;
};

class Client {
 public:
  Client(MPI_Comm comm, cardan::Service& service, const Soak& settings)
      : service_(service), settings_(settings)
  {
    MPI_Comm_rank(comm, &rank_);
    MPI_Comm_size(comm, &clients_);
    std::seed_seq seed{settings.seed, static_cast<std::uint64_t>(rank_)};
    random_.seed(seed);
    stalls_ = std::max(5e-5, 4.0 / static_cast<double>(settings.requests));
    // Twice the window: half of them rest, watched.
    items_.resize(2 * static_cast<std::size_t>(settings.window));
    for (auto& item : items_) {
      item.x.resize(static_cast<std::size_t>(settings.numbers));
      item.y.assign(item.x.size(), untouched);
    }
  }

  SoakResult run()
  {
    const std::int64_t requests =
        settings_.requests * (rank_ + 1) / clients_ - settings_.requests * rank_ / clients_;
    miniapp::Progress progress{"soak", requests, rank_ == 0};
    for (std::int64_t r = 0; r < requests; ++r) {
      disturb();
      Item& item = items_[static_cast<std::size_t>(r) % items_.size()];
      rest(item);
      ask(item);
      // Some are given up at once and asked again: what comes of the old request must not pass for
      // an answer to the new one.
      while (chance(0.05) && item.future.cancel()) {
        ++result_.cancelled;
        ask(item);
      }
      Item& old = items_[static_cast<std::size_t>(r + settings_.window) % items_.size()];
      if (old.asked) finish(old);
      if (r % 4096 == 0 || r * 10 / requests != (r + 1) * 10 / requests)
        progress.step(r + 1,
                      fmt::format("{} answered, version {}", result_.answered, service_.version()));
    }
    for (auto& item : items_) {
      if (item.asked) finish(item);
      rest(item);
    }
    compare(service_.counters());
    // Whoever ends first must leave all instances in use.
    for (int i = 0; rank_ == 0 && i < service_.instances(); ++i) service_.resume(i);
    service_.wait_ready(1);
    return result_;
  }

 private:
  bool chance(double share) { return unit_(random_) < share; }

  void ask(Item& item)
  {
    for (auto& x : item.x) x = 1 + std::floor(1e6 * unit_(random_));
    // The first number says how long to sleep.
    item.x[0] = chance(stalls_) ? settings_.stall : 0;
    newest_ = std::max(newest_, service_.version());
    item.least = newest_;
    cardan::RequestOptions options;
    options.priority = static_cast<int>(4 * unit_(random_));
    options.deadline.value = chance(0.03) ? 2e-5 * unit_(random_) + 1e-7 : 30;
    const auto numbers = settings_.numbers;
    item.future = {};
    item.future = service_.request({{"x", Field{item.x.data(), {1, numbers}}}},
                                   {{"y", Field{item.y.data(), {1, numbers}}}}, options);
    item.asked = true;
    ++result_.asked;
  }

  void finish(Item& item)
  {
    item.asked = false;
    RequestStatus status = item.future.status();
    if (chance(0.03) && item.future.cancel()) {
      status = RequestStatus::cancelled;
    } else {
      status = item.future.wait();
    }
    switch (status) {
      case RequestStatus::answered: ++result_.answered; break;
      case RequestStatus::late: ++result_.late; break;
      case RequestStatus::cancelled: ++result_.cancelled; break;
      case RequestStatus::failed: ++result_.failed; break;
      case RequestStatus::waiting: ++result_.lost; break;
    }
    if (status == RequestStatus::answered) {
      const std::uint32_t version = item.future.version();
      result_.went_back += version < item.least;
      newest_ = std::max(newest_, version);
      bool right = true;
      for (std::size_t i = 0; i < item.x.size(); ++i)
        right = right && item.y[i] == 2 * item.x[i] + static_cast<double>(version);
      result_.wrong += !right;
      std::fill(item.y.begin(), item.y.end(), untouched);
    }
  }

  /// Nothing may have written since the request ended.
  void rest(Item& item)
  {
    result_.twice +=
        std::any_of(item.y.begin(), item.y.end(), [](double y) { return y != untouched; });
    std::fill(item.y.begin(), item.y.end(), untouched);
  }

  void disturb()
  {
    if (chance(1e-3)) {
      service_.swap();
      ++result_.swaps;
    }
    if (rank_ != 0 || service_.instances() < 2 || !chance(1e-3)) return;
    // One of them at a time is out of use.
    if (drained_ >= 0) {
      service_.resume(drained_);
      drained_ = -1;
    } else {
      drained_ = static_cast<int>(unit_(random_) * service_.instances());
      service_.drain(drained_);
      ++result_.drains;
    }
  }

  /// The service's own counts must be the same.
  void compare(const cardan::ServiceCounters& c)
  {
    const auto differ = [](std::int64_t a, std::int64_t b) { return a > b ? a - b : b - a; };
    result_.lost += differ(c.requested, result_.asked) + differ(c.answered, result_.answered) +
                    differ(c.late, result_.late) + differ(c.cancelled, result_.cancelled) +
                    differ(c.failed, result_.failed) +
                    differ(c.requested, c.answered + c.late + c.cancelled + c.failed);
    result_.moved = c.moved;
    result_.handed_back = c.handed_back;
    result_.too_old = c.too_old;
    result_.stale = c.stale;
    result_.stalls = c.stalls;
  }

  cardan::Service& service_;
  Soak settings_;
  int rank_ = 0;
  int clients_ = 1;
  std::mt19937_64 random_;
  std::uniform_real_distribution<double> unit_{0, 1};
  /// Some in short runs, too.
  double stalls_ = 0;
  std::vector<Item> items_;
  std::uint32_t newest_ = 0;
  int drained_ = -1;
  SoakResult result_;
};

}  // namespace

SoakResult soak(MPI_Comm comm, cardan::Service& service, const Soak& settings)
{
  SoakResult result = Client{comm, service, settings}.run();
  const std::array<std::int64_t*, 16> numbers{
      &result.asked,  &result.answered, &result.late,        &result.cancelled,
      &result.failed, &result.moved,    &result.handed_back, &result.too_old,
      &result.stale,  &result.stalls,   &result.swaps,       &result.drains,
      &result.lost,   &result.twice,    &result.wrong,       &result.went_back};
  for (auto* number : numbers) MPI_Allreduce(MPI_IN_PLACE, number, 1, MPI_INT64_T, MPI_SUM, comm);
  return result;
}

}  // namespace serve
