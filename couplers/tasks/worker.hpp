/// The simulation's side of work that is dealt out: takes orders, gives results.
#pragma once

#include "couplers/steering/client.hpp"
#include "couplers/tasks/wire.hpp"
#include "session/context.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace cardan::tasks {

/// Sums over this rank's work.
struct WorkerCounters {
  std::int64_t orders = 0;
  std::int64_t results = 0;
  /// Seconds.
  double busy = 0;
  double idle = 0;
};

class Worker {
 public:
  /// Collective over the session and blocking; the same error on all ranks. The other half is a
  /// desk (make_desk of steering) whose decider has a Foreman.
  Worker(const Context& context, const std::string& name, int depth, const Shape& shape);

  /// Whether there are ML ranks at all.
  [[nodiscard]] bool coupled() const { return client_.coupled(); }
  /// The next order, in the order in which they were given; its numbers are valid until the next
  /// call. Blocks until there is one; nothing once no more come. Throws Late where the ML rank has
  /// not been heard of for the run's deadline. `meanwhile`, where given, is called while it waits.
  [[nodiscard]] std::optional<Order> next(const std::function<void()>& meanwhile = {});
  /// The same without waiting; `ended` afterwards says whether more may come.
  [[nodiscard]] std::optional<Order> poll();
  [[nodiscard]] bool ended() const { return ended_; }
  /// Gives the result of an order, at most Shape::result numbers. Blocks only where the ML rank is
  /// behind. `seconds`: of work in it; without, all since the order was taken.
  void give(const Order& order, std::span<const double> numbers,
            std::optional<double> seconds = std::nullopt);
  [[nodiscard]] const WorkerCounters& counters() const { return counters_; }
  [[nodiscard]] steering::Client& client() { return client_; }

  void close() { client_.close(); }
  void abandon() noexcept { client_.abandon(); }

 private:
  const Context& context_;
  steering::Client client_;
  WorkerCounters counters_;
  std::vector<double> result_;
  /// Clocks: the end of the work before, the begin of this one, the last word from the ML rank.
  std::int64_t idle_since_ = 0;
  std::int64_t busy_since_ = 0;
  std::int64_t heard_ = 0;
  double idle_ = 0;
  bool ended_ = false;
};

}  // namespace cardan::tasks
