#include "couplers/tuning/brain.hpp"

#include "couplers/tasks/foreman.hpp"
#include "couplers/tuning/conductor.hpp"
#include "couplers/tuning/report.hpp"
#include "support/clock.hpp"
#include "support/log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace cardan::tuning {

namespace {

/// Seconds after which ranks that wait hear that this one is there.
constexpr double reassuring = 0.5;

class Brain : public Decider {
 public:
  Brain(const Settings& settings, const DeciderPlace& place, std::string folder)
      : settings_(settings),
        place_(place),
        folder_(std::move(folder)),
        conductor_(settings, place.simulation_ranks),
        order_numbers_(order_numbers(place.simulation_ranks,
                                     settings.slots_of(place.simulation_ranks),
                                     settings.space.parameters.size())),
        foreman_(place.simulation_ranks, depth, order_numbers_)
  {}

  void see(const Report& report, Outbox& outbox) override
  {
    guarded(outbox, [&] {
      const auto result = foreman_.take(report);
      if (begun_ == 0) begun_ = clock();
      take(result);
      deal(outbox);
    });
  }

  bool work(Outbox& outbox) override
  {
    guarded(outbox, [&] {
      if (!asked_) greet(outbox);
      foreman_.reassure(reassuring, outbox);
    });
    return false;
  }

  void left(int rank, Outbox& outbox) override
  {
    static_cast<void>(foreman_.left(rank));
    // It has failed: the others know, and nothing goes on.
    if (!ended_) foreman_.end(outbox);
    ended_ = true;
  }

  void end() override
  {
    leave_behind(closed_ ? conductor_.report() : conductor_.finish(waiting(), now()), settings_,
                 folder_);
    const TuningReport& report = conductor_.report();
    if (place_.quiet) return;
    log(fmt::format("tuning '{}': {} trials, {} epochs, the best loss {:.6g} of trial {} after {}",
                    settings_.name, report.trials, report.total_epochs, report.best_loss,
                    report.best, report.best_epochs));
  }

 private:
  [[nodiscard]] double now() const
  {
    return begun_ == 0 ? 0 : static_cast<double>(clock() - begun_) * 1e-9;
  }

  [[nodiscard]] double waiting() const
  {
    double idle = 0;
    for (const auto& worker : foreman_.workers()) idle += worker.idle;
    return idle;
  }

  /// An error here would leave others waiting: it ends the run.
  template <class Do>
  void guarded(Outbox& outbox, Do&& act)
  {
    try {
      act();
    } catch (const std::exception& error) {
      log(fmt::format("tuning '{}' ends early: {}", settings_.name, error.what()));
      foreman_.end(outbox);
      ended_ = true;
    }
  }

  void greet(Outbox& outbox)
  {
    asked_ = true;
    for (int rank = 0; rank < place_.simulation_ranks; ++rank)
      foreman_.give(rank, {0, static_cast<std::int32_t>(Kind::hello), 0, {}}, outbox, "hello");
  }

  void take(const tasks::Result& result)
  {
    switch (static_cast<Kind>(result.kind)) {
      case Kind::hello:
        // Until it ran, it was not waiting for this.
        late_ += result.idle;
        conductor_.hello(result.worker, Answer::from(result.numbers), now());
        break;
      case Kind::train:
        conductor_.trained(result.worker, Answer::from(result.numbers), result.seconds, now());
        break;
      case Kind::simulate:
        conductor_.simulated(result.worker, Answer::from(result.numbers), result.seconds, now());
        break;
      case Kind::account: break;
    }
  }

  void deal(Outbox& outbox)
  {
    if (ended_) return;
    while (auto work = conductor_.deal()) {
      for (std::size_t r = 0; r < work->ranks.size(); ++r) {
        numbers_.clear();
        if (work->kind == Kind::train) numbers_ = work->orders[r].numbers();
        const std::string reason =
            work->kind == Kind::train
                ? fmt::format("{} trial {} to rung {}", to_string(work->cause),
                              work->orders[r].trial, work->orders[r].rung)
                : "simulate";
        foreman_.give(work->ranks[r], {orders_, static_cast<std::int32_t>(work->kind), 0, numbers_},
                      outbox, reason);
      }
      ++orders_;
    }
    if (conductor_.done()) account(outbox);
  }

  /// The report goes to the first simulation rank in parts; then all end.
  void account(Outbox& outbox)
  {
    if (!closed_) {
      closed_ = true;
      said_ = numbers_of(conductor_.finish(waiting() - late_, now()), conductor_.best_rank());
    }
    if (foreman_.room(0) == 0) return;
    if (sent_ == said_.size()) {
      foreman_.end(outbox);
      ended_ = true;
      return;
    }
    const auto part = std::min(static_cast<std::size_t>(order_numbers_), said_.size() - sent_);
    foreman_.give(0,
                  {orders_++, static_cast<std::int32_t>(Kind::account), 0,
                   std::span<const double>{said_}.subspan(sent_, part)},
                  outbox, "report");
    sent_ += part;
  }

  Settings settings_;
  DeciderPlace place_;
  std::string folder_;
  Conductor conductor_;
  std::int64_t order_numbers_;
  tasks::Foreman foreman_;
  std::vector<double> numbers_;
  std::vector<double> said_;
  std::size_t sent_ = 0;
  std::int64_t orders_ = 0;
  std::int64_t begun_ = 0;
  double late_ = 0;
  bool asked_ = false;
  bool closed_ = false;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<Decider> make_brain(const Settings& settings, const DeciderPlace& place,
                                    const std::string& folder)
{
  return std::make_unique<Brain>(settings, place, folder);
}

}  // namespace cardan::tuning
