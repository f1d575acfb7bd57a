/// A decider for members whose decisions are known.
#pragma once

#include "couplers/ensemble/frame.hpp"
#include "couplers/ensemble/members.hpp"

#include <cardan/steering.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstring>
#include <map>
#include <thread>
#include <utility>
#include <vector>

namespace test {

using cardan::MemberDecision;
using cardan::ensemble::FrameKind;
using Action = MemberDecision::Action;

/// A frame as the decider keeps it: all parts' states, one after the other.
struct Frame {
  FrameKind kind = FrameKind::frame;
  int member = 0;
  std::int64_t segment = 0;
  std::int64_t clock = 0;
  double x = 0;
  std::vector<double> state;
  int parts = 0;
};

/// A decision before it is sent.
struct Said {
  Action action = Action::go_on;
  int from = -1;
  std::uint64_t seed = 0;
};

/// Of a round's frames in member order: the one nearest to 0 and all that have failed go where the
/// farthest is; one that has ended begins anew, in member order.
inline std::vector<Said> judge(const std::vector<Frame>& frames)
{
  std::vector<Said> said(frames.size());
  std::size_t near = 0;
  std::size_t far = 0;
  const auto good = [&](std::size_t i) { return frames[i].kind == FrameKind::frame; };
  for (std::size_t i = 0; i < frames.size(); ++i) {
    if (!good(i)) continue;
    if (!good(near) || std::abs(frames[i].x) < std::abs(frames[near].x)) near = i;
    if (!good(far) || std::abs(frames[i].x) > std::abs(frames[far].x)) far = i;
  }
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const auto seed = static_cast<std::uint64_t>(frames[i].segment * 1000 + frames[i].member);
    if (frames[i].kind == FrameKind::ended)
      said[i] = {Action::reseed, -1, seed};
    else if (good(far) && ((i == near && near != far) || frames[i].kind == FrameKind::failed))
      said[i] = {Action::restart, static_cast<int>(far), seed};
    else if (frames[i].kind == FrameKind::failed)
      said[i] = {Action::reseed, -1, seed};
  }
  return said;
}

struct ToyOptions {
  /// Frames are judged when so many are there, by member; 1: each as it comes, with the farthest
  /// frame so far.
  int round = 1;
  /// With `round = 1`: which frames lead to a restart.
  int restart_every = 3;
  double sleep = 0;
  bool answers = true;
  /// What becomes of a member that has ended.
  Action on_ended = Action::reseed;
};

/// What a decider has seen, for the test to look at.
struct Seen {
  std::int64_t frames = 0;
  std::int64_t failed = 0;
  std::int64_t ended = 0;
  std::int64_t sent = 0;
};

class Toy : public cardan::Decider {
 public:
  Toy(const ToyOptions& options, cardan::ensemble::Deal deal, Seen& seen)
      : options_(options), deal_(deal), seen_(seen)
  {}

  void see(const cardan::Report& report, cardan::Outbox& outbox) override
  {
    if (options_.sleep > 0)
      std::this_thread::sleep_for(std::chrono::duration<double>(options_.sleep));
    Frame& frame = arriving_[{report.tag, report.step}];
    if (frame.parts == 0) frame.state.resize(3 * static_cast<std::size_t>(deal_.ranks_per_member));
    std::int32_t kind = 0;
    std::memcpy(&kind, report.columns[cardan::ensemble::kind_field], sizeof kind);
    frame.kind = static_cast<FrameKind>(kind);
    frame.member = report.tag;
    frame.segment = report.step;
    frame.clock = report.clock;
    std::memcpy(frame.state.data() + 3 * report.part, report.columns[cardan::ensemble::state_field],
                3 * sizeof(double));
    if (report.part == 0)
      std::memcpy(&frame.x, report.columns[cardan::ensemble::descriptor_field], sizeof frame.x);
    CHECK(report.rank == deal_.rank_of(report.tag, report.part));
    if (++frame.parts < deal_.ranks_per_member) return;
    ++seen_.frames;
    if (frame.kind == FrameKind::failed) ++seen_.failed;
    if (frame.kind == FrameKind::ended) ++seen_.ended;
    const Frame whole = frame;
    arriving_.erase({report.tag, report.step});
    if (!options_.answers) return;
    if (options_.round == 1)
      one(whole, outbox);
    else
      in_round(whole, outbox);
  }

 private:
  void one(const Frame& frame, cardan::Outbox& outbox)
  {
    if (frame.kind == FrameKind::frame && std::abs(frame.x) >= std::abs(farthest_.x))
      farthest_ = frame;
    Said said;
    if (frame.kind == FrameKind::ended)
      said = {options_.on_ended, -1, static_cast<std::uint64_t>(seen_.frames)};
    else if (frame.kind == FrameKind::failed || seen_.frames % options_.restart_every == 0)
      said = {farthest_.state.empty() ? Action::reseed : Action::restart, 0,
              static_cast<std::uint64_t>(seen_.frames)};
    send(frame, said, farthest_, outbox);
  }
  void in_round(const Frame& frame, cardan::Outbox& outbox)
  {
    auto& round = rounds_[frame.segment];
    round.push_back(frame);
    if (static_cast<int>(round.size()) < options_.round) return;
    std::sort(round.begin(), round.end(),
              [](const Frame& a, const Frame& b) { return a.member < b.member; });
    auto said = judge(round);
    for (std::size_t i = 0; i < round.size(); ++i)
      if (round[i].kind == FrameKind::ended) said[i].action = options_.on_ended;
    for (std::size_t i = 0; i < round.size(); ++i)
      send(round[i], said[i],
           said[i].from < 0 ? round[i] : round[static_cast<std::size_t>(said[i].from)], outbox);
    rounds_.erase(frame.segment);
  }
  void send(const Frame& to, const Said& said, const Frame& from, cardan::Outbox& outbox)
  {
    ++seen_.sent;
    const auto action = static_cast<std::int32_t>(said.action);
    const std::int32_t from_member = said.action == Action::restart ? from.member : -1;
    const std::int64_t from_segment = said.action == Action::restart ? from.segment : -1;
    const auto seed = static_cast<std::int64_t>(said.seed);
    const double score = std::abs(from.x);
    const double weight = 1;
    for (int part = 0; part < deal_.ranks_per_member; ++part) {
      const std::vector<double> nothing(3, 0.0);
      const double* state = from.state.empty() ? nothing.data() : from.state.data() + 3 * part;
      const std::array<const void*, 7> fields{&action, &from_member, &from_segment, &seed,
                                              &score,  &weight,      state};
      std::array<const std::byte*, 7> columns{};
      for (std::size_t f = 0; f < fields.size(); ++f)
        columns[f] = static_cast<const std::byte*>(fields[f]);
      cardan::Ruling ruling;
      const int rank = deal_.rank_of(to.member, part);
      ruling.to = {&rank, 1};
      ruling.step = to.segment;
      ruling.clock = to.clock;
      ruling.version = 1;
      ruling.tag = to.member;
      ruling.reason = said.action == Action::go_on ? "nothing new" : "too near";
      ruling.columns = columns.data();
      outbox.send(ruling);
    }
  }

  ToyOptions options_;
  cardan::ensemble::Deal deal_;
  Seen& seen_;
  std::map<std::pair<int, std::int64_t>, Frame> arriving_;
  std::map<std::int64_t, std::vector<Frame>> rounds_;
  Frame farthest_;
};

}  // namespace test
