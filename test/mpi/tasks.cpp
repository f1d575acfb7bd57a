// Orders that an ML rank deals out to simulation ranks, and their results.

#include "couplers/steering/desk.hpp"
#include "couplers/tasks/foreman.hpp"
#include "couplers/tasks/worker.hpp"
#include "mpi/comm.hpp"
#include "session/implementation.hpp"
#include "support/run_file.hpp"
#include "support/world.hpp"

#include <cardan/session.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr int depth = 3;
constexpr std::int64_t orders = 500;

/// Deals out `orders` numbers, each with as many numbers as its id says, and adds up what comes
/// back.
class Brain : public cardan::Decider {
 public:
  Brain(const cardan::DeciderPlace& place, std::vector<int>& seen)
      : foreman_(place.simulation_ranks, depth, 8), seen_(seen)
  {}

  void see(const cardan::Report& report, cardan::Outbox& outbox) override
  {
    const auto result = foreman_.take(report);
    CHECK(result.kind == result.id % 5);
    CHECK(result.seconds >= 0);
    CHECK(static_cast<std::int64_t>(result.numbers.size()) == result.id % 4);
    for (const double number : result.numbers)
      CHECK(number == 2.0 * static_cast<double>(result.id));
    ++seen_[static_cast<std::size_t>(result.id)];
    deal(outbox);
  }
  bool work(cardan::Outbox& outbox) override
  {
    foreman_.reassure(0.01, outbox);
    return deal(outbox);
  }
  void left(int rank, cardan::Outbox&) override { CHECK(foreman_.left(rank).empty()); }

 private:
  bool deal(cardan::Outbox& outbox)
  {
    bool dealt = false;
    for (int worker = foreman_.least_busy(); worker >= 0 && next_ < orders;
         worker = foreman_.least_busy()) {
      std::vector<double> numbers(static_cast<std::size_t>(next_ % 8), static_cast<double>(next_));
      foreman_.give(worker, {next_, static_cast<std::int32_t>(next_ % 5), 7, numbers}, outbox);
      ++next_;
      dealt = true;
    }
    if (next_ == orders && foreman_.outstanding() == 0) foreman_.end(outbox);
    return dealt;
  }

  cardan::tasks::Foreman foreman_;
  std::vector<int>& seen_;
  std::int64_t next_ = 0;
};

/// Gives each worker as many orders as it may have, all of one kind and `length` numbers long.
class Flood : public cardan::Decider {
 public:
  Flood(const cardan::DeciderPlace& place, int depth_of_all, std::int64_t length,
        std::int64_t& answered)
      : foreman_(place.simulation_ranks, depth_of_all, length),
        numbers_(static_cast<std::size_t>(length)),
        left_(most * place.simulation_ranks),
        answered_(answered)
  {}

  static constexpr std::int64_t most = 60;

  void see(const cardan::Report& report, cardan::Outbox& outbox) override
  {
    static_cast<void>(foreman_.take(report));
    ++answered_;
    deal(outbox);
  }
  bool work(cardan::Outbox& outbox) override
  {
    deal(outbox);
    return false;
  }

 private:
  void deal(cardan::Outbox& outbox)
  {
    for (int worker = foreman_.least_busy(); worker >= 0 && left_ > 0;
         worker = foreman_.least_busy()) {
      numbers_.assign(numbers_.size(), static_cast<double>(left_));
      foreman_.give(worker, {left_--, 0, 0, numbers_}, outbox);
    }
    if (left_ == 0 && foreman_.outstanding() == 0) foreman_.end(outbox);
  }

  cardan::tasks::Foreman foreman_;
  std::vector<double> numbers_;
  std::int64_t left_;
  std::int64_t& answered_;
};

}  // namespace

TEST_CASE("every order is answered once, and none after the end")
{
  const int size = cardan::mpi::size(MPI_COMM_WORLD);
  const int ml = size > 3 ? 2 : 1;
  const test::RunFile file{MPI_COMM_WORLD, "tasks", test::quiet_run(ml)};
  cardan::Session session{MPI_COMM_WORLD, file.name()};
  const cardan::Context& context = session.implementation().context;
  std::vector<int> seen(orders, 0);
  std::int64_t worked = 0;
  if (context.mine().simulation) {
    cardan::tasks::Worker worker{context, "dealt", depth, {8, 4}};
    while (const auto order = worker.next()) {
      CHECK(order->version == 7);
      CHECK(static_cast<std::int64_t>(order->numbers.size()) == order->id % 8);
      for (const double number : order->numbers) CHECK(number == static_cast<double>(order->id));
      const std::vector<double> numbers(static_cast<std::size_t>(order->id % 4),
                                        2.0 * static_cast<double>(order->id));
      worker.give(*order, numbers);
      ++worked;
    }
    CHECK(worker.ended());
    CHECK(!worker.poll());
    CHECK(worker.counters().orders == worked);
    CHECK(worker.counters().results == worked);
    worker.close();
  } else {
    auto desk = cardan::steering::make_desk(
        context, cardan::tasks::declaration_of("dealt", depth),
        [&](const cardan::steering::Ends&, const cardan::DeciderPlace& place) {
          return std::make_unique<Brain>(place, seen);
        });
    while (!desk->finished()) desk->poll();
    desk->close();
    if (cardan::mpi::rank(context.part.get()) == 0)
      for (const int times : seen) CHECK(times == 1);
  }
  std::int64_t all = 0;
  MPI_Allreduce(&worked, &all, 1, MPI_INT64_T, MPI_SUM, MPI_COMM_WORLD);
  CHECK(all == orders);
  if (session.serves()) CHECK(session.serve() == 0);
}

// More orders are on their way than a ring holds: room in it comes back in portions, and large
// slots are few where they are messages.
TEST_CASE("no order is lost where a ring is full")
{
  constexpr int many = 12;
  const std::vector<std::string> transports =
      test::environment("CARDAN_RANKS_PER_NODE", 0) > 0
          ? std::vector<std::string>{"auto"}
          : std::vector<std::string>{"shared", "rma", "two_sided"};
  for (const auto& transport : transports)
    for (const std::int64_t length : {8, 600}) {
      CAPTURE(transport);
      CAPTURE(length);
      const test::RunFile file{MPI_COMM_WORLD, "tasks",
                               test::quiet_run(1, "[transport]\nkind = \"" + transport + "\"\n")};
      cardan::Session session{MPI_COMM_WORLD, file.name()};
      const cardan::Context& context = session.implementation().context;
      std::int64_t sums[] = {0, 0};
      if (context.mine().simulation) {
        cardan::tasks::Worker worker{context, "flood", many, {length, 1}};
        std::int64_t before = INT64_MAX;
        while (const auto order = worker.next()) {
          CHECK(order->id < before);
          before = order->id;
          CHECK(static_cast<std::int64_t>(order->numbers.size()) == length);
          CHECK(order->numbers.back() == static_cast<double>(order->id));
          worker.give(*order, {});
          ++sums[0];
          // The foreman has answered before this rank takes the next one.
          std::this_thread::sleep_for(std::chrono::milliseconds{2});
        }
        worker.close();
      } else {
        auto desk = cardan::steering::make_desk(
            context, cardan::tasks::declaration_of("flood", many),
            [&](const cardan::steering::Ends&, const cardan::DeciderPlace& place) {
              return std::make_unique<Flood>(place, many, length, sums[1]);
            });
        while (!desk->finished()) desk->poll();
        desk->close();
      }
      MPI_Allreduce(MPI_IN_PLACE, sums, 2, MPI_INT64_T, MPI_SUM, MPI_COMM_WORLD);
      const int workers = cardan::mpi::size(MPI_COMM_WORLD) - 1;
      CHECK(sums[0] == Flood::most * workers);
      CHECK(sums[1] == sums[0]);
      if (session.serves()) CHECK(session.serve() == 0);
    }
}
