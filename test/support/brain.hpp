/// A brain without a session: reports by hand, decisions in a list.
#pragma once

#include "couplers/ensemble/brain.hpp"
#include "couplers/ensemble/frame.hpp"

#include <cardan/config.hpp>

#include <array>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace cardan::test {

struct Sent {
  int to = -1;
  int member = -1;
  MemberDecision::Action action = MemberDecision::Action::go_on;
  int from_member = -1;
  std::int64_t from_segment = -1;
  std::int64_t seed = 0;
  double score = 0;
  double weight = 0;
  std::int64_t step = 0;
  std::int64_t clock = 0;
  std::uint32_t version = 0;
  std::string reason;
  std::vector<double> state;

  bool operator==(const Sent&) const = default;
};

class ListOutbox : public Outbox {
 public:
  ListOutbox(std::int64_t state, int ranks) : state_(state), ranks_(ranks) {}
  std::int64_t send(const Ruling& ruling) override
  {
    Sent one;
    one.to = ruling.to[0];
    one.member = ruling.tag;
    one.action =
        static_cast<MemberDecision::Action>(number<std::int32_t>(ruling, ensemble::action_field));
    one.from_member = number<std::int32_t>(ruling, ensemble::from_member_field);
    one.from_segment = number<std::int64_t>(ruling, ensemble::from_segment_field);
    one.seed = number<std::int64_t>(ruling, ensemble::seed_field);
    one.score = number<double>(ruling, ensemble::score_field);
    one.weight = number<double>(ruling, ensemble::weight_field);
    one.step = ruling.step;
    one.clock = ruling.clock;
    one.version = ruling.version;
    one.reason = std::string(ruling.reason);
    one.state.resize(static_cast<std::size_t>(state_));
    std::memcpy(one.state.data(), ruling.columns[ensemble::restart_field],
                one.state.size() * sizeof(double));
    all.push_back(one);
    return static_cast<std::int64_t>(all.size());
  }
  [[nodiscard]] int ranks() const override { return ranks_; }
  /// What was sent since the last call.
  std::vector<Sent> take()
  {
    std::vector<Sent> taken;
    std::swap(taken, all);
    return taken;
  }

  std::vector<Sent> all;

 private:
  template <class T>
  static T number(const Ruling& ruling, ensemble::DecisionField field)
  {
    T value;
    std::memcpy(&value, ruling.columns[field], sizeof value);
    return value;
  }
  std::int64_t state_;
  int ranks_;
};

/// An ensemble "water" as a run file says it, on so many simulation ranks.
class Bench {
 public:
  Bench(const std::string& text, EnsembleShape wanted, int ranks, std::uint64_t seed = 1)
      : file(Config::from_text("[ensemble.water]\n" + text, "run.toml")),
        settings(ensemble::read_ensemble(file, "water")),
        shape(wanted),
        outbox(shape.state, ranks)
  {
    DeciderPlace place;
    place.name = "water";
    place.simulation_ranks = ranks;
    place.seed = seed;
    place.quiet = true;
    brain = ensemble::make_brain(file, settings, shape, place);
  }

  /// One part of a member's frame.
  struct Told {
    int member = 0;
    std::int64_t segment = 1;
    std::vector<double> descriptor;
    std::vector<double> state;
    double objective = 0;
    ensemble::FrameKind kind = ensemble::FrameKind::frame;
    int part = 0;
    double weight = 1;
  };
  void tell(Told told)
  {
    told.descriptor.resize(static_cast<std::size_t>(shape.descriptor));
    told.state.resize(static_cast<std::size_t>(shape.state));
    const auto kind = static_cast<std::int32_t>(told.kind);
    const std::array<const void*, 4> fields{&kind, &told.objective, told.descriptor.data(),
                                            told.state.data()};
    std::array<const std::byte*, 4> columns{};
    for (std::size_t f = 0; f < 4; ++f) columns[f] = static_cast<const std::byte*>(fields[f]);
    const ensemble::Deal deal{settings.members, settings.ranks_per_member, outbox.ranks()};
    Report report;
    report.rank = deal.rank_of(told.member, told.part);
    report.step = told.segment;
    report.tag = told.member;
    report.part = told.part;
    report.values[0] = static_cast<double>(told.segment);
    report.values[1] = told.weight;
    report.clock = 1000 * told.segment + told.member;
    report.columns = columns.data();
    brain->see(report, outbox);
  }
  std::vector<Sent> taken() { return outbox.take(); }

  Config file;
  ensemble::EnsembleSettings settings;
  EnsembleShape shape;
  ListOutbox outbox;
  std::unique_ptr<Decider> brain;
};

}  // namespace cardan::test
