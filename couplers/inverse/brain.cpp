#include "couplers/inverse/brain.hpp"

#include "couplers/inverse/designer.hpp"
#include "couplers/inverse/sampler.hpp"
#include "couplers/inverse/wire.hpp"
#include "couplers/tasks/foreman.hpp"
#include "support/log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <exception>
#include <filesystem>
#include <numeric>
#include <vector>

namespace cardan::inverse {

namespace {

/// Seconds after which a rank without work hears that this one is there.
constexpr double silence = 1;

std::vector<int> all_chains(const Settings& settings)
{
  std::vector<int> chains(static_cast<std::size_t>(settings.chains));
  std::iota(chains.begin(), chains.end(), 0);
  return chains;
}

class Brain : public Decider {
 public:
  Brain(const Config& run_file, const Settings& settings, const Measure& measure,
        const DeciderPlace& place, std::string folder)
      : settings_(settings),
        measure_(measure),
        place_(place),
        folder_(std::move(folder)),
        foreman_(place.simulation_ranks, settings.depth, shape_of(measure).order),
        last_words_(static_cast<std::size_t>(place.simulation_ranks))
  {
    std::unique_ptr<Predictor> predictor;
    if (settings_.first_stage)
      predictor = std::make_unique<Predictor>(
          run_file, settings_, measure_, static_cast<std::uint64_t>(settings_.seed), place.threads);
    const auto chains = all_chains(settings_);
    if (settings_.mode == Mode::design)
      engine_ = std::make_unique<Designer>(settings_, measure_, chains, std::move(predictor));
    else
      engine_ = std::make_unique<Sampler>(settings_, measure_, chains, std::move(predictor));
  }

  void see(const Report& report, Outbox& outbox) override
  {
    if (report.tag == begins) {
      if (++begun_ == present()) begin(outbox);
      return;
    }
    const auto result = foreman_.take(report);
    guarded(outbox, [&] {
      if (result.kind == solve || result.kind == differentiate)
        engine_->answer(result.id, result.numbers);
      deal(outbox);
    });
  }

  bool work(Outbox& outbox) override
  {
    foreman_.reassure(silence, outbox);
    bool worked = false;
    guarded(outbox, [&] {
      if (runs_ && !ends_) worked = engine_->work();
      worked = deal(outbox) || worked;
    });
    return worked;
  }

  void left(int rank, Outbox& outbox) override
  {
    for (const auto& job : foreman_.left(rank))
      if (job.kind == solve || job.kind == differentiate) engine_->again(job.id);
    last_words_[static_cast<std::size_t>(rank)].clear();
    guarded(outbox, [&] { static_cast<void>(deal(outbox)); });
  }

  void end() override
  {
    if (runs_so_far_ == 0) return;
    leave_behind();
    if (place_.quiet) return;
    const InverseReport report = engine_->report();
    if (settings_.mode == Mode::design) {
      log(fmt::format("inverse problem '{}': {} solves, least misfit {:.6g}", place_.name,
                      report.solves, report.misfit));
      return;
    }
    log(fmt::format(
        "inverse problem '{}': {} solves ({} before the first kept step), {} steps, "
        "{:.4g} effective samples of the median parameter",
        place_.name, report.solves, report.solves_before, report.steps, report.median_effective));
  }

 private:
  /// The end of a run, piece by piece: a rank's orders that are still to be given.
  struct Words {
    std::int32_t kind = 0;
    std::vector<double> numbers;
  };

  [[nodiscard]] int present() const
  {
    return static_cast<int>(std::count_if(foreman_.workers().begin(), foreman_.workers().end(),
                                          [](const auto& worker) { return worker.here; }));
  }

  void begin(Outbox& outbox)
  {
    begun_ = 0;
    runs_ = true;
    ends_ = false;
    ++runs_so_far_;
    guarded(outbox, [&] {
      engine_->begin();
      static_cast<void>(deal(outbox));
    });
  }

  /// What goes wrong here ends the run on all ranks.
  template <class Work>
  void guarded(Outbox& outbox, Work&& work)
  {
    try {
      work();
    } catch (const std::exception& error) {
      if (!runs_) throw;
      for (auto& words : last_words_) {
        words.clear();
        words.push_back({failed, pack(std::string(error.what()))});
      }
      ends_ = true;
      static_cast<void>(deal_words(outbox));
    }
  }

  void leave_behind() const
  {
    if (folder_.empty()) return;
    const auto path = std::filesystem::path(folder_) / ("inverse-" + place_.name + ".h5");
    try {
      std::filesystem::create_directories(folder_);
      engine_->leave(path.string());
    } catch (const std::exception& error) {
      log(fmt::format("what inverse problem '{}' found is not kept: {}", place_.name,
                      error.what()));
    }
  }

  bool deal(Outbox& outbox)
  {
    if (!runs_) return false;
    if (ends_) return deal_words(outbox);
    bool dealt = false;
    for (int worker = foreman_.least_busy(); worker >= 0; worker = foreman_.least_busy()) {
      const auto ask = engine_->next();
      if (!ask) break;
      foreman_.give(worker,
                    {ask->id, ask->gradient ? differentiate : solve, ask->version, ask->theta},
                    outbox);
      dealt = true;
    }
    if (!engine_->done()) return dealt;
    write_last_words();
    ends_ = true;
    static_cast<void>(deal_words(outbox));
    return true;
  }

  /// Its chains' samples and the report, for each rank.
  void write_last_words()
  {
    const auto room = static_cast<std::size_t>(shape_of(measure_).order);
    const std::vector<double> numbers = inverse::pack(engine_->report());
    for (int rank = 0; rank < place_.simulation_ranks; ++rank) {
      auto& words = last_words_[static_cast<std::size_t>(rank)];
      words.clear();
      for (int chain = rank; chain < settings_.chains; chain += place_.simulation_ranks)
        for (const auto& sample : engine_->samples(chain)) {
          const std::size_t length = sample_head + sample.theta.size();
          if (words.empty() || words.back().numbers.size() + length > room)
            words.push_back({samples, {}});
          auto& to = words.back().numbers;
          to.insert(to.end(), {static_cast<double>(sample.chain), static_cast<double>(sample.step),
                               sample.log_likelihood, sample.log_prior});
          to.insert(to.end(), sample.theta.begin(), sample.theta.end());
        }
      for (std::size_t i = 0; i < numbers.size(); i += room) {
        const auto first = numbers.begin() + static_cast<std::ptrdiff_t>(i);
        const auto count = static_cast<std::ptrdiff_t>(std::min(room, numbers.size() - i));
        words.push_back({inverse::report, {first, first + count}});
      }
      words.push_back({finished, {}});
    }
  }

  bool deal_words(Outbox& outbox)
  {
    bool dealt = false;
    bool all = true;
    for (int rank = 0; rank < place_.simulation_ranks; ++rank) {
      auto& words = last_words_[static_cast<std::size_t>(rank)];
      for (; !words.empty() && foreman_.room(rank) > 0; words.pop_front()) {
        foreman_.give(rank, {0, words.front().kind, 0, words.front().numbers}, outbox);
        dealt = true;
      }
      all = all && (words.empty() || !foreman_.workers()[static_cast<std::size_t>(rank)].here);
    }
    if (all && foreman_.outstanding() == 0) runs_ = false;
    return dealt;
  }

  Settings settings_;
  Measure measure_;
  DeciderPlace place_;
  std::string folder_;
  tasks::Foreman foreman_;
  std::unique_ptr<Engine> engine_;
  std::vector<std::deque<Words>> last_words_;
  /// Ranks that have begun the run that is next; whether one is under way, and ends.
  int begun_ = 0;
  int runs_so_far_ = 0;
  bool runs_ = false;
  bool ends_ = false;
};

}  // namespace

std::unique_ptr<Decider> make_brain(const Config& run_file, const Settings& settings,
                                    const Measure& measure, const DeciderPlace& place,
                                    const std::string& folder)
{
  return std::make_unique<Brain>(run_file, settings, measure, place, folder);
}

}  // namespace cardan::inverse
