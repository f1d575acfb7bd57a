#include "couplers/ensemble/brain.hpp"

#include "couplers/ensemble/verdict.hpp"
#include "couplers/steering/wire.hpp"
#include "support/log.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

namespace cardan::ensemble {

namespace {

using Action = MemberDecision::Action;

/// Reports in one go after which training gets its turn all the same.
constexpr int reports_at_once = 32;

class Brain : public Decider {
 public:
  Brain(const Config& run_file, const EnsembleSettings& settings, const EnsembleShape& shape,
        const DeciderPlace& place, const std::string& folder)
      : place_(place),
        folder_(folder),
        mind_(run_file, settings, shape, place),
        deal_{settings.members, settings.ranks_per_member, place.simulation_ranks},
        assembly_(shape, settings.members, settings.ranks_per_member),
        waiting_(static_cast<std::size_t>(settings.members))
  {
    if (settings.mode == Mode::resample) check_resampling(run_file);
  }

  void see(const Report& report, Outbox& outbox) override
  {
    const std::int64_t begin = steering::clock();
    Arrived* const frame = assembly_.take(report);
    if (frame == nullptr) return;
    if (mind_.settings.barrier)
      wait_for_others(*frame, begin, outbox);
    else
      follow(*frame, begin, outbox);
  }

  bool work(Outbox& outbox) override
  {
    static_cast<void>(outbox);
    reports_ = 0;
    return !mind_.settings.barrier && mind_.learn(mind_.settings.retrain.slice);
  }

  void left(int rank, Outbox& outbox) override
  {
    const int team = deal_.team(rank);
    if (team < 0) return;
    for (const int member : deal_.members_of(team)) {
      Record& record = record_of(member);
      record.here = false;
      record.runs = false;
      waiting_[static_cast<std::size_t>(member)].segment = -1;
    }
    if (mind_.settings.barrier) close_round(steering::clock(), outbox);
  }

  void end() override
  {
    leave_behind(mind_, folder_);
    if (place_.quiet) return;
    std::string model;
    if (mind_.embedding)
      model = fmt::format(", {} versions of the model in {} steps (loss {:.3g})", mind_.version(),
                          mind_.embedding->steps(), mind_.embedding->loss());
    if (mind_.settings.mode == Mode::swarm && !mind_.minima.empty())
      model += fmt::format(", {} minima, the lowest {:.6g}", mind_.minima.all().size(),
                           mind_.minima.all()[0].objective);
    log(
        fmt::format("ensemble '{}': {} frames, {} restarts, {} new beginnings, {} stops{}; {} "
                    "frames were gone before members were sent there, {} lacked a part",
                    place_.name, mind_.window.next(), count(Action::restart), count(Action::reseed),
                    count(Action::stop), model, mind_.overwritten, assembly_.incomplete()));
  }

 private:
  /// What an ensemble that is not opened need not fulfil.
  void check_resampling(const Config& run_file) const
  {
    const Config table = run_file.table("ensemble").table(mind_.settings.name);
    if (!mind_.settings.barrier)
      throw table.error("mode", "weights of members that do not wait for one another have no sum",
                        "Set barrier = true.");
    const std::size_t dimension = mind_.judge.points().dimension();
    if (mind_.settings.resample.bins.size() > dimension)
      throw table.table("resample")
          .error("bins", fmt::format("the space has {} coordinates", dimension));
  }

  Record& record_of(int member) { return mind_.members[static_cast<std::size_t>(member)]; }
  [[nodiscard]] std::int64_t count(Action action) const
  {
    return counts_[static_cast<std::size_t>(action)];
  }

  /// Rounds: a second frame of a member that did not wait takes the first one's place.
  void wait_for_others(Arrived& frame, std::int64_t begin, Outbox& outbox)
  {
    Arrived& mine = waiting_[static_cast<std::size_t>(frame.member)];
    if (mine.segment >= 0) mind_.take(mine);
    record_of(frame.member).runs = record_of(frame.member).here;
    std::swap(mine, frame);
    close_round(begin, outbox);
  }

  /// Where all have reported.
  void close_round(std::int64_t begin, Outbox& outbox)
  {
    std::vector<int> asked;
    std::int64_t ready = 0;
    for (const Record& record : mind_.members) {
      const bool reported = waiting_[static_cast<std::size_t>(record.member)].segment >= 0;
      if (record.runs && !reported) return;
      if (reported) asked.push_back(record.member);
    }
    if (asked.empty()) return;
    for (const int member : asked) {
      Arrived& frame = waiting_[static_cast<std::size_t>(member)];
      ready = std::max(ready, frame.clock);
      mind_.take(frame);
      frame.segment = -1;
    }
    static_cast<void>(mind_.learn(std::numeric_limits<std::int64_t>::max()));
    rule(asked, {begin, ready}, outbox);
  }

  /// Without rounds: whoever cannot go on is answered at once, the others in their turn.
  void follow(const Arrived& frame, std::int64_t begin, Outbox& outbox)
  {
    mind_.take(frame);
    if (frame.kind != FrameKind::frame)
      rule(std::vector<int>{frame.member}, {begin, frame.clock}, outbox);
    if (++new_ >= mind_.settings.every * running()) {
      new_ = 0;
      std::vector<int> asked;
      for (const Record& record : mind_.members)
        if (record.runs && record.here && record.reported && record.kind == FrameKind::frame)
          asked.push_back(record.member);
      rule(asked, {begin, frame.clock}, outbox);
    }
    // Before the model has learned anything there is nothing to decide, and nobody waits.
    if (mind_.ready() && ++reports_ < reports_at_once) return;
    reports_ = 0;
    static_cast<void>(mind_.learn(mind_.ready() ? mind_.settings.retrain.slice
                                                : std::numeric_limits<std::int64_t>::max()));
  }

  [[nodiscard]] std::int64_t running() const
  {
    return std::max<std::int64_t>(
        1, std::count_if(mind_.members.begin(), mind_.members.end(),
                         [](const Record& record) { return record.runs && record.here; }));
  }

  /// When the work for a decision began, and when its data were ready: the newest frame's clock.
  struct Moments {
    std::int64_t begin = 0;
    std::int64_t ready = 0;
  };

  void rule(std::span<const int> asked, const Moments& moments, Outbox& outbox)
  {
    const auto verdicts = decide(mind_, asked);
    const double work = static_cast<double>(steering::clock() - moments.begin) * 1e-9;
    for (const Verdict& verdict : verdicts) {
      const Record& record = record_of(verdict.member);
      report_failure(record, verdict);
      const bool awaited = mind_.settings.barrier || record.kind != FrameKind::frame;
      if (record.here && (awaited || verdict.action != Action::go_on))
        send(verdict, record, {work, moments.ready}, outbox);
    }
  }

  void report_failure(const Record& record, const Verdict& verdict) const
  {
    if (place_.quiet || record.kind != FrameKind::failed) return;
    std::string what = "it begins anew";
    if (verdict.action == Action::stop) what = "it is stopped";
    if (verdict.action == Action::restart)
      what = fmt::format("it goes on from member {}, segment {}", verdict.from_member,
                         verdict.from_segment);
    log(fmt::format("ensemble '{}': member {} failed in segment {} (failure {} of at most {}): {}",
                    place_.name, record.member, record.segment, record.failures,
                    mind_.settings.failures, what));
  }

  struct Taken {
    double work = 0;
    std::int64_t ready = 0;
  };
  /// The first part decides for all of the member's ranks; the others need their part of a state.
  void send(const Verdict& verdict, const Record& record, const Taken& taken, Outbox& outbox)
  {
    ++counts_[static_cast<std::size_t>(verdict.action)];
    if (verdict.action == Action::restart) mind_.chronicle.sent(origin_of(verdict, record));
    const auto action = static_cast<std::int32_t>(verdict.action);
    const auto from_member = static_cast<std::int32_t>(verdict.from_member);
    const std::int64_t seed = mind_.random.seed();
    const int parts = verdict.action == Action::restart ? mind_.settings.ranks_per_member : 1;
    for (int part = 0; part < parts; ++part) {
      const auto state = state_of(verdict, part);
      const std::array<const void*, restart_field + 1> fields{
          &action,        &from_member,    &verdict.from_segment, &seed,
          &verdict.score, &verdict.weight, state.data()};
      std::array<const std::byte*, restart_field + 1> columns{};
      for (std::size_t f = 0; f < columns.size(); ++f)
        columns[f] = static_cast<const std::byte*>(fields[f]);
      const int to = deal_.rank_of(verdict.member, part);
      Ruling ruling;
      ruling.to = {&to, 1};
      ruling.step = record.segment;
      // Clocks of several nodes have nothing in common: the member's own then.
      ruling.clock = place_.one_clock ? taken.ready : record.clock;
      ruling.version = mind_.version();
      ruling.tag = verdict.member;
      ruling.work = taken.work;
      ruling.reason = verdict.reason;
      ruling.columns = columns.data();
      static_cast<void>(outbox.send(ruling));
    }
  }

  [[nodiscard]] Chronicle::Restart origin_of(const Verdict& verdict, const Record& record) const
  {
    const auto descriptor = verdict.minimum != nullptr ? std::span{verdict.minimum->descriptor}
                                                       : mind_.window.descriptor(verdict.frame);
    return {verdict.member,       record.segment,  verdict.from_member,
            verdict.from_segment, mind_.version(), descriptor};
  }

  /// Zeros where there is none to go on from.
  std::span<const double> state_of(const Verdict& verdict, int part)
  {
    if (verdict.action == Action::restart && verdict.minimum == nullptr)
      return mind_.window.state(verdict.frame, part);
    const std::size_t size = mind_.window.state(0, 0).size();
    if (verdict.action == Action::restart)
      return std::span{verdict.minimum->state}.subspan(static_cast<std::size_t>(part) * size, size);
    nothing_.resize(size);
    return nothing_;
  }

  DeciderPlace place_;
  std::string folder_;
  Mind mind_;
  Deal deal_;
  Assembly assembly_;
  /// By member: its frame of the round that is open; segment -1: none yet.
  std::vector<Arrived> waiting_;
  /// Frames since members were last sent elsewhere; reports since there was none.
  std::int64_t new_ = 0;
  int reports_ = 0;
  std::array<std::int64_t, 4> counts_{};
  std::vector<double> nothing_;
};

}  // namespace

std::unique_ptr<Decider> make_brain(const Config& run_file, const EnsembleSettings& settings,
                                    const EnsembleShape& shape, const DeciderPlace& place,
                                    const std::string& folder)
{
  return std::make_unique<Brain>(run_file, settings, shape, place, folder);
}

}  // namespace cardan::ensemble
