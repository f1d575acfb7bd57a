#include "couplers/steering/desk.hpp"

#include "checkpoint/reader.hpp"
#include "checkpoint/snapshot.hpp"
#include "couplers/steering/outgoing.hpp"
#include "support/log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <optional>

namespace cardan::steering {

namespace {

/// Reports of one rank that are taken in one turn: others, and other duties, wait meanwhile.
constexpr int reports_in_turn = 4;

class Desk : public Duty {
 public:
  Desk(const Context& context, const Declaration& declaration, const MakeDecider& make)
      : context_(context),
        ends_(context, declaration),
        outgoing_(ends_),
        columns_(ends_.declared.report.size())
  {
    mpi::together(context.everyone.get(), context.deadline(), [&] {
      if (ends_.index < 0) return;
      DeciderPlace place;
      place.name = declaration.name;
      place.rank = mpi::rank(context.everyone.get());
      place.index = ends_.index;
      place.deciders = static_cast<int>(ends_.deciders.size());
      place.simulation_ranks = static_cast<int>(ends_.simulation.size());
      place.threads = context.threads;
      place.seed = static_cast<std::uint64_t>(context.settings.seed);
      place.quiet = context.settings.quiet;
      place.one_clock = ends_.one_clock;
      decider_ = make(ends_, place);
    });
    here_.assign(ends_.reporters.size(), true);
  }

  bool poll() override
  {
    if (!decider_ || (ended_ && !owing_)) return false;
    bool worked = outgoing_.pay();
    if (ended_) {
      if (outgoing_.owes()) return worked;
      owing_ = false;
      ends_.close();
      return true;
    }
    bool any = false;
    for (std::size_t r = 0; r < here_.size(); ++r)
      if (here_[r]) any = hear(r) || any;
    if (std::none_of(here_.begin(), here_.end(), [](bool here) { return here; })) {
      ended_ = true;
      end();
      return true;
    }
    if (!any) guarded([&] { worked = decider_->work(outgoing_) || worked; });
    return any || worked;
  }
  // What is owed to ranks that have closed is not missed, but where they go on in another split.
  [[nodiscard]] bool finished() override
  {
    poll();
    return !decider_ || (ended_ && !owing_);
  }
  void snapshot(checkpoint::Snapshot& snapshot) override
  {
    if (handed_over_)
      snapshot.add(states() + "/" + fmt::format("{:06}", ends_.index), *handed_over_);
  }
  void restore(const checkpoint::Reader& reader) override
  {
    if (!decider_ || !reader.has(states())) return;
    guarded([&] {
      std::vector<State> before;
      for (const auto& name : reader.names(states()))
        before.push_back(reader.state(states() + "/" + name));
      decider_->take_over(before);
    });
  }
  void close() override { ends_.close(); }
  void abandon() noexcept override { ends_.abandon(); }

 private:
  /// Takes what waits of one rank; says whether there was anything.
  bool hear(std::size_t index)
  {
    auto& lane = ends_.reports->in()[index];
    const int rank = ends_.reporters[index];
    int taken = 0;
    for (; taken < reports_in_turn && lane.ready(); ++taken) {
      const auto header = read_header<ReportHeader>(lane.header());
      for (std::size_t f = 0; f < columns_.size(); ++f) columns_[f] = lane.data(f);
      Report report;
      report.rank = rank;
      report.number = header.number;
      report.step = header.step;
      report.tag = header.tag;
      report.part = header.part;
      std::copy_n(header.values, 2, report.values);
      report.clock = header.clock;
      report.columns = columns_.data();
      guarded([&] { decider_->see(report, outgoing_); });
      lane.release();
    }
    if (taken > 0 || !lane.drained()) return taken > 0;
    here_[index] = false;
    if (!goes_on()) outgoing_.forget(rank);
    guarded([&] { decider_->left(rank, outgoing_); });
    return true;
  }

  /// Whether the simulation reads on after it has closed.
  [[nodiscard]] bool goes_on() const { return context_.parting && ends_.declared.takes_all; }
  [[nodiscard]] std::string states() const { return "deciders/" + ends_.declared.name; }

  void end()
  {
    owing_ = goes_on();
    guarded([&] {
      if (context_.parting) handed_over_ = decider_->hand_over();
      if (!handed_over_) decider_->end();
    });
  }

  /// A decider that fails goes on with the next report.
  template <class Work>
  void guarded(Work&& work)
  {
    try {
      work();
    } catch (const std::exception& error) {
      if (failures_++ == 0)
        log(fmt::format("the decider of '{}' failed; it goes on, and this is not said again: {}",
                        ends_.declared.name, error.what()));
    }
    if (ended_ && failures_ > 1)
      log(fmt::format("the decider of '{}' failed {} times", ends_.declared.name, failures_));
  }

  const Context& context_;
  Ends ends_;
  Outgoing outgoing_;
  std::unique_ptr<Decider> decider_;
  /// By reporter: whether it has not closed.
  std::vector<bool> here_;
  std::vector<const std::byte*> columns_;
  std::int64_t failures_ = 0;
  bool ended_ = false;
  /// Of what it sent something still waits for room.
  bool owing_ = false;
  /// For the deciders of the next split.
  std::optional<State> handed_over_;
};

}  // namespace

std::unique_ptr<Duty> make_desk(const Context& context, const Declaration& declaration,
                                const MakeDecider& make)
{
  return std::make_unique<Desk>(context, declaration, make);
}

}  // namespace cardan::steering
