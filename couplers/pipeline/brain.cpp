#include "couplers/pipeline/brain.hpp"

#include "couplers/pipeline/dealer.hpp"
#include "couplers/pipeline/drift.hpp"
#include "couplers/pipeline/flow.hpp"
#include "couplers/pipeline/guess.hpp"
#include "couplers/pipeline/ledger.hpp"
#include "couplers/pipeline/wire.hpp"
#include "couplers/tasks/foreman.hpp"
#include "support/clock.hpp"
#include "support/log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <exception>
#include <optional>
#include <utility>
#include <vector>

namespace cardan::pipeline {

namespace {

class Brain : public Decider {
 public:
  Brain(const Config& run_file, const Settings& settings, const PipelineShape& shape,
        const DeciderPlace& place, std::string folder)
      : settings_(settings),
        layout_(shape.features),
        folder_(std::move(folder)),
        foreman_(place.simulation_ranks, settings.depth, shape_of(settings, shape).order),
        piece_(static_cast<std::size_t>(shape_of(settings, shape).order)),
        ledger_(settings, place.simulation_ranks),
        flow_(settings, {}, ledger_),
        dealer_(settings_, place.simulation_ranks, flow_, ledger_),
        drift_(settings.drift),
        reassurance_(run_file.table("run").get<Seconds>("deadline", Seconds{60}).value / 4),
        was_(static_cast<std::size_t>(place.simulation_ranks), -1)
  {
    if (!settings.has_model()) return;
    guess_.emplace(run_file, settings, shape.features, place.threads);
    flow_.label = [this](const Way& way, double label) { take_label(way, label); };
  }

  void see(const Report& report, Outbox& outbox) override
  {
    guarded(outbox, [&] {
      take(foreman_.take(report));
      score_some(false);
      go_on(outbox);
    });
  }

  bool work(Outbox& outbox) override
  {
    bool worked = false;
    guarded(outbox, [&] {
      foreman_.reassure(reassurance_, outbox);
      if (closed_) {
        go_on(outbox);
        return;
      }
      worked = score_some(true);
      if (!worked && guess_ && guess_->due()) {
        const auto before = clock();
        const bool learned = guess_->learn();
        dealer_.away(static_cast<double>(clock() - before) * 1e-9);
        if (learned) {
          ledger_.learned(guess_->version(), guess_->labels(), guess_->loss(),
                          std::exchange(drifted_, false), now());
          drift_.restart();
        }
        worked = true;
      }
      go_on(outbox);
    });
    return worked;
  }

  /// Whoever leaves before the end has failed, and the simulation ends with it.
  void left(int rank, Outbox& outbox) override
  {
    const bool early = !foreman_.left(rank).empty() || !closed_;
    if (early) foreman_.end(outbox);
  }

  void end() override
  {
    if (begin_ == 0) return;
    if (!closed_) {
      flow_.close(now());
      ledger_.close(dealer_.stages(), now());
    }
    ledger_.leave_behind(folder_);
  }

 private:
  /// Seconds since the begin of the run: of the first work that was done.
  [[nodiscard]] double now() const
  {
    return begin_ == 0 ? 0 : static_cast<double>(clock() - begin_) * 1e-9;
  }

  /// What fails here ends the run: nobody would be told what to do.
  template <class Work>
  void guarded(Outbox& outbox, Work&& work)
  {
    if (failed_) return;
    try {
      work();
    } catch (const std::exception& error) {
      failed_ = true;
      log(fmt::format("pipeline '{}' ends: {}", settings_.name, error.what()));
      foreman_.end(outbox);
    }
  }

  void take(const tasks::Result& result)
  {
    if (result.kind == report_kind) return;
    if (begin_ == 0) begin_ = clock() - static_cast<std::int64_t>(result.seconds * 1e9);
    const double time = now();
    Ledger::Shift shift;
    shift.rank = result.worker;
    shift.stage = result.kind;
    int& was = was_[static_cast<std::size_t>(result.worker)];
    shift.was = was < 0 ? result.kind : was;
    was = result.kind;
    shift.seconds = result.seconds;
    shift.idle = result.idle;
    const bool describes = result.kind == 0 && settings_.has_model();
    given_.clear();
    for (auto rest = result.numbers; !rest.empty(); ++shift.candidates) {
      given_.emplace_back();
      rest = describes ? next_described(rest, layout_, given_.back())
                       : next_given(rest, given_.back());
    }
    ledger_.worked(shift, time);
    for (const auto& given : given_)
      if (describes)
        flow_.described(given.candidate, bytes_of(given), time);
      else
        flow_.result(result.kind, given.candidate, given.score, given.values, result.worker, time);
  }

  [[nodiscard]] std::vector<std::byte> bytes_of(const Given& given) const
  {
    const auto* bytes = reinterpret_cast<const std::byte*>(given.values.data());
    return {bytes, bytes + layout_.bytes};
  }

  void take_label(const Way& way, double label)
  {
    guess_->teach(way.features, label);
    if (way.version == 0) return;
    const double residual = label - way.scores.front();
    ledger_.label(std::abs(residual));
    // What another version said is no news of this one.
    if (way.version != guess_->version() || !drift_.add(residual)) return;
    ledger_.drifted();
    drifted_ = true;
    guess_->renew(settings_.drift.reference);
  }

  /// Without enough labels all pass; while it learns for the first time they wait, as long as the
  /// next stage has something to do.
  bool score_some(bool idle)
  {
    if (!guess_) return false;
    const auto ready = flow_.to_score();
    if (ready == 0) return false;
    if (guess_->version() == 0) {
      auto passing = ready;
      if (!guess_->stopped() && guess_->labels() >= settings_.train.warmup)
        passing = std::min(ready, settings_.stage[1].queue / 4 - flow_.waiting(1));
      for (auto left = passing; left > 0; --left) flow_.score(std::nan(""), 0, now());
      return passing > 0;
    }
    // Reports come first, unless many wait.
    if (!idle && 2 * ready < settings_.stage.front().queue) return false;
    const auto count = static_cast<std::size_t>(std::min(ready, slice_));
    std::vector<std::span<const std::byte>> features;
    features.reserve(count);
    for (std::size_t i = 0; i < count; ++i)
      features.emplace_back(flow_.way(flow_.to_score(i)).features);
    scores_.assign(count, 0);
    const auto before = clock();
    guess_->predict(features, scores_.data());
    const double each = static_cast<double>(clock() - before) * 1e-9 / static_cast<double>(count);
    constexpr double longest = 2e-3;
    slice_ = std::clamp<std::int64_t>(static_cast<std::int64_t>(longest / (each + 1e-9)), 1,
                                      std::min<std::int64_t>(256, 2 * slice_));
    for (const double score : scores_) flow_.score(score, guess_->version(), now());
    return true;
  }

  void go_on(Outbox& outbox)
  {
    if (!closed_) deal(outbox);
    if (!closed_ && flow_.over()) {
      closed_ = true;
      const double time = now();
      flow_.close(time);
      ledger_.close(dealer_.stages(), time);
      report_ = pack(ledger_.report);
    }
    if (closed_) tell_report(outbox);
  }

  void deal(Outbox& outbox)
  {
    for (bool dealt = true; dealt;) {
      dealt = false;
      for (int rank = 0; rank < static_cast<int>(foreman_.workers().size()); ++rank) {
        if (foreman_.room(rank) <= 0) continue;
        const auto& worker = foreman_.workers()[static_cast<std::size_t>(rank)];
        const int stage = dealer_.choose(rank, static_cast<int>(worker.jobs.size()), now());
        if (stage < 0) continue;
        order(rank, stage, outbox);
        dealt = true;
      }
    }
  }

  void order(int rank, int stage, Outbox& outbox)
  {
    numbers_.clear();
    std::uint32_t version = 0;
    for (const auto candidate : flow_.take(stage, dealer_.batch(stage), now())) {
      const Way& way = flow_.way(candidate);
      version = std::max(version, way.version);
      put_task(numbers_, candidate, way);
    }
    foreman_.give(rank, {++orders_, stage, version, numbers_}, outbox,
                  settings_.stages[static_cast<std::size_t>(stage)]);
  }

  /// The first rank gets it in pieces, and gives it to the others.
  void tell_report(Outbox& outbox)
  {
    while (told_ < report_.size() && foreman_.room(0) > 0) {
      const std::size_t count = std::min(piece_, report_.size() - told_);
      foreman_.give(0, {++orders_, report_kind, 0, {&report_[told_], count}}, outbox);
      told_ += count;
    }
    if (told_ == report_.size() && foreman_.outstanding() == 0) foreman_.end(outbox);
  }

  Settings settings_;
  Layout layout_;
  std::string folder_;
  tasks::Foreman foreman_;
  std::size_t piece_;
  Ledger ledger_;
  Flow flow_;
  Dealer dealer_;
  Drift drift_;
  double reassurance_;
  /// By rank: the stage that it worked for last; -1: none yet.
  std::vector<int> was_;
  std::optional<Guess> guess_;
  std::int64_t begin_ = 0;
  std::int64_t orders_ = 0;
  /// Candidates that are scored at once.
  std::int64_t slice_ = 8;
  std::vector<double> scores_;
  std::vector<Given> given_;
  std::vector<double> numbers_;
  bool drifted_ = false;
  bool failed_ = false;
  /// The report is made; numbers of it that were told.
  bool closed_ = false;
  std::vector<double> report_;
  std::size_t told_ = 0;
};

}  // namespace

std::unique_ptr<Decider> make_brain(const Config& run_file, const Settings& settings,
                                    const PipelineShape& shape, const DeciderPlace& place,
                                    const std::string& folder)
{
  return std::make_unique<Brain>(run_file, settings, shape, place, folder);
}

}  // namespace cardan::pipeline
