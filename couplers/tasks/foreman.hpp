/// The ML side of work that is dealt out: knows who has what to do.
#pragma once

#include "couplers/tasks/wire.hpp"

#include <cardan/steering.hpp>

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace cardan::tasks {

/// Part of a coupler's decider, which hands it reports and whom it gives orders for. Never blocks.
class Foreman {
 public:
  /// `depth`: orders that a worker has at most, the one that it works on among them;
  /// `order_numbers`: of the longest order.
  Foreman(int workers, int depth, std::int64_t order_numbers);

  struct Job {
    std::int64_t id = 0;
    std::int32_t kind = 0;
  };
  struct Worker {
    /// Given and not answered, oldest first.
    std::vector<Job> jobs;
    bool here = true;
    /// It was told that no more orders come.
    bool ended = false;
    std::int64_t results = 0;
    double busy = 0;
    double idle = 0;
    /// When it was last sent something.
    std::int64_t told = 0;
  };
  [[nodiscard]] const std::vector<Worker>& workers() const { return workers_; }
  /// Orders that a worker can still take; 0 where it has left.
  [[nodiscard]] int room(int worker) const;
  /// The worker, among those that have room and that `allowed` (all where empty) lists, with the
  /// fewest orders; -1: none.
  [[nodiscard]] int least_busy(std::span<const int> allowed = {}) const;
  /// Orders given and not answered, of all workers.
  [[nodiscard]] std::int64_t outstanding() const;
  /// Throws std::logic_error where the worker has no room. `reason`: see Ruling.
  void give(int worker, const Order& order, Outbox& outbox, std::string_view reason = {});
  /// What a report says; the order is then no longer outstanding. Its numbers are the report's.
  Result take(const Report& report);
  /// A worker has closed its end; returns the orders that it leaves unanswered.
  std::vector<Job> left(int worker);
  /// Tells workers that have heard nothing for `seconds` that this rank is still there. To be
  /// called now and then.
  void reassure(double seconds, Outbox& outbox);
  /// Says that no more orders come, to those that were not told.
  void end(Outbox& outbox);

 private:
  void send(int worker, const Order& order, Outbox& outbox, std::string_view reason);
  std::vector<Worker> workers_;
  std::size_t depth_;
  /// An order as it is sent: count, then numbers.
  std::vector<double> numbers_;
};

}  // namespace cardan::tasks
