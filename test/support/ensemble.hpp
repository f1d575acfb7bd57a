/// Ensembles of tests: walkers on a line, and the sessions that they run in.
#pragma once

#include "couplers/ensemble/journal.hpp"
#include "couplers/ensemble/members.hpp"
#include "couplers/steering/desk.hpp"
#include "session/implementation.hpp"
#include "support/ensemble_toy.hpp"
#include "support/jitter.hpp"
#include "support/run_file.hpp"
#include "support/world.hpp"

#include <cardan/cardan.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace test {

using cardan::EnsemblePhysics;
using cardan::EnsembleShape;
using cardan::ensemble::Members;

inline double noise(std::uint64_t seed, std::uint64_t count)
{
  std::uint64_t z = seed * 0x9e3779b97f4a7c15U + count * 0xd1342543de82ef95U + 1;
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  return static_cast<double>((z ^ (z >> 31U)) >> 11U) / 9007199254740992.0 - 0.5;
}

/// A random walk; its state has where it is, what it draws from, and the rank's part.
struct Walker {
  double x = 0;
  std::uint64_t seed = 0;
  std::uint64_t count = 0;
  int restarts = 0;

  void step() { x += noise(seed, count++); }
  void write(std::span<double> state) const
  {
    state[0] = x;
    state[1] = static_cast<double>(seed % 100000);
  }
  void restart(std::span<const double> state, std::uint64_t fresh)
  {
    x = state.empty() ? 0 : state[0];
    seed = fresh;
    count = 0;
    ++restarts;
  }
};

/// The walkers of a rank, and what befalls them.
struct Walk {
  std::map<int, Walker> walkers;
  /// Called before each step; what it returns instead of 1 is the time that passed.
  std::function<double(int member, Walker& walker)> befall;
  int part = 0;
  std::vector<double> last;

  explicit Walk(const Members& members)
  {
    for (const int member : members.members())
      walkers[member].seed = static_cast<std::uint64_t>(member) + 1000;
    part = rank_in(members.member_comm());
  }
  EnsemblePhysics physics()
  {
    EnsemblePhysics physics;
    physics.advance = [this](int member) {
      Walker& walker = walkers.at(member);
      walker.step();
      return befall ? befall(member, walker) : 1.0;
    };
    physics.describe = [this](int member, std::span<double> descriptor) {
      descriptor[0] = walkers.at(member).x;
    };
    physics.save = [this](int member, std::span<double> state) {
      walkers.at(member).write(state);
      state[2] = part;
    };
    physics.restart = [this](int member, std::span<const double> state, std::uint64_t seed) {
      walkers.at(member).restart(state, seed);
      if (!state.empty()) CHECK(state[2] == part);
    };
    return physics;
  }
};

inline constexpr EnsembleShape walk_shape{1, 3};

/// A run file's text: quiet, one ensemble "e", one ML rank where there are ranks for it.
inline std::string ensemble_run(int members, const std::string& keys,
                                const std::string& transport = "auto", int ml = -1)
{
  if (ml < 0) ml = world_size() > 1 ? 1 : 0;
  return quiet_run(ml, "[transport]\nkind = \"" + transport +
                           "\"\n[ensemble.e]\nmembers = " + std::to_string(members) + "\n" + keys);
}

/// Simulation ranks do `work`, ML ranks decide as told; what was seen is everybody's. Collective.
inline Seen with_members(const std::string& text, const ToyOptions& toy,
                         const std::function<void(Members&, cardan::Session&)>& work)
{
  Seen seen;
  {
    std::optional<Jitter> jitter;
    if (environment("CARDAN_JITTER", 0) > 0) jitter.emplace(world_rank());
    const RunFile file{MPI_COMM_WORLD, "ensemble", text};
    cardan::Session session{MPI_COMM_WORLD, file.name()};
    const auto& context = session.implementation().context;
    const auto settings = cardan::ensemble::read_ensemble(context.run_file, "e");
    if (session.serves()) {
      const cardan::ensemble::Deal deal{settings.members, settings.ranks_per_member,
                                        context.count(&cardan::Roles::simulation)};
      auto desk = cardan::steering::make_desk(
          context, cardan::ensemble::declaration_of(context, settings, {}),
          [&](const cardan::steering::Ends&, const cardan::DeciderPlace&) {
            return std::make_unique<Toy>(toy, deal, seen);
          });
      while (!desk->finished()) {
        desk->poll();
        std::this_thread::yield();
      }
      desk->close();
      desk.reset();
      CHECK(session.serve() == 0);
    } else {
      Members members{context, settings, walk_shape};
      auto& provenance = *session.implementation().provenance;
      const auto journal =
          provenance.journal("ensemble", "e", cardan::ensemble::journal_columns(), {});
      if (journal.open())
        members.log_to(std::make_unique<cardan::ensemble::JournalLog>(
            context.part.get(), journal, cardan::ensemble::JournalOptions{1, settings.members, 60},
            [&provenance] { provenance.flush(); }));
      work(members, session);
      members.close();
    }
  }
  for (std::int64_t* each : {&seen.frames, &seen.failed, &seen.ended, &seen.sent})
    *each = sum_over_ranks(*each);
  return seen;
}

}  // namespace test
