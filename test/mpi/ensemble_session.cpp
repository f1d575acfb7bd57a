// Ensembles as a simulation sees them: opened from a session, decided by what the run file says.
#include "support/ensemble.hpp"

#include <cardan/archive.hpp>

#include <doctest/doctest.h>

#include <filesystem>
#include <optional>

using namespace cardan;
using test::RunFile;
using test::Walker;

namespace {

struct Result {
  std::vector<double> x;
  std::vector<double> weights;
  EnsembleCounters counters;
  std::int64_t called = 0;
};

/// Walkers of an ensemble, over `comm`; what all of them came to, on every rank of it.
Result walked(MPI_Comm comm, const std::string& text, std::int64_t segments, int sick = -1)
{
  Result result;
  {
    const RunFile file{comm, "ensemble_session", text};
    Session session{comm, file.name()};
    if (session.serves()) {
      CHECK(session.serve() == 0);
    } else {
      auto ensemble = session.ensemble("e", {1, 2});
      std::map<int, Walker> walkers;
      for (const int m : ensemble.members()) walkers[m].seed = static_cast<std::uint64_t>(m) + 7;
      ensemble.on_decision([&](const MemberDecision&) { ++result.called; });
      EnsemblePhysics physics;
      physics.advance = [&](int m) {
        walkers.at(m).step();
        const bool falls = m == sick && ensemble.segments(m) == 4;
        return falls ? std::numeric_limits<double>::quiet_NaN() : 1.0;
      };
      physics.describe = [&](int m, std::span<double> descriptor) {
        descriptor[0] = walkers.at(m).x;
      };
      physics.save = [&](int m, std::span<double> state) { walkers.at(m).write(state); };
      physics.restart = [&](int m, std::span<const double> state, std::uint64_t seed) {
        walkers.at(m).restart(state, seed);
      };
      physics.objective = [&](int m) { return std::abs(walkers.at(m).x); };
      ensemble.run(physics, {segments, {}});
      CHECK(ensemble.size() >= static_cast<int>(ensemble.members().size()));
      result.x.assign(static_cast<std::size_t>(ensemble.size()), 0.0);
      result.weights = result.x;
      for (const int m : ensemble.members()) {
        CHECK(ensemble.segments(m) == segments);
        CHECK(ensemble.state(m) == MemberState::running);
        result.x[static_cast<std::size_t>(m)] = walkers.at(m).x;
        result.weights[static_cast<std::size_t>(m)] = ensemble.weight(m);
      }
      result.counters = ensemble.counters();
      for (auto* all : {&result.x, &result.weights})
        MPI_Allreduce(MPI_IN_PLACE, all->data(), static_cast<int>(all->size()), MPI_DOUBLE, MPI_SUM,
                      session.comm());
    }
  }
  return result;
}

std::string text_of(int ml, const std::string& keys)
{
  return test::quiet_run(ml, "[ensemble.e]\nmembers = 6\n" + keys);
}

}  // namespace

TEST_CASE("rounds with decisions of the library are the same on any number of ranks")
{
  const int ranks = test::world_size();
  for (const char* mode : {"novelty", "random", "resample", "swarm", "none"}) {
    CAPTURE(mode);
    std::string keys = std::string("barrier = true\nwindow = 60\nmode = \"") + mode + "\"\n";
    if (std::string(mode) == "swarm") keys += "[ensemble.e.swarm]\npatience = 3\n";
    const Result all = walked(MPI_COMM_WORLD, text_of(ranks > 1 ? 1 : 0, keys), 40);
    if (ranks < 3) continue;
    MPI_Comm pair = MPI_COMM_NULL;
    MPI_Comm_split(MPI_COMM_WORLD, test::world_rank() < 2 ? 0 : MPI_UNDEFINED, test::world_rank(),
                   &pair);
    Result few;
    if (pair != MPI_COMM_NULL) {
      few = walked(pair, text_of(1, keys), 40);
      MPI_Comm_free(&pair);
    }
    // The simulation rank of the pair has few; ranks that simulate have all.
    std::vector<double> expected(12, 0.0);
    for (std::size_t i = 0; i < few.x.size(); ++i) {
      expected[i] = few.x[i];
      expected[6 + i] = few.weights[i];
    }
    MPI_Allreduce(MPI_IN_PLACE, expected.data(), 12, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
    for (std::size_t i = 0; i < all.x.size(); ++i) {
      CHECK(all.x[i] == expected[i]);
      CHECK(all.weights[i] == expected[6 + i]);
    }
  }
}

TEST_CASE("members on their own are sent elsewhere, and replaced where they fail")
{
  const int ranks = test::world_size();
  const Result result = walked(
      MPI_COMM_WORLD, text_of(ranks > 1 ? 1 : 0, "mode = \"novelty\"\nwindow = 100\n"), 300, 2);
  CHECK(test::sum_over_ranks(result.counters.failures) == 1);
  const auto followed = result.counters.continued + result.counters.restarted;
  CHECK(test::sum_over_ranks(result.called) == test::sum_over_ranks(followed));
  const auto restarts = test::sum_over_ranks(result.counters.restarted);
  CHECK((restarts > 0) == (ranks > 1));
}

TEST_CASE("what the ML rank knows at the end is left in the run's folder, unless there is no such")
{
  const int ranks = test::world_size();
  const std::string folder = "ensemble_session_folder_" + std::to_string(ranks);
  const auto path = std::filesystem::path(folder) / "ensemble-e.h5";
  for (const bool wanted : {false, true}) {
    CAPTURE(wanted);
    if (test::world_rank() == 0) std::filesystem::remove_all(folder);
    MPI_Barrier(MPI_COMM_WORLD);
    const std::string run = "[run]\nquiet = true\nfolder = \"" + folder +
                            "\"\nprovenance = " + (wanted ? "true" : "false") +
                            "\n[ranks]\nml = { count = " + (ranks > 1 ? "1" : "0") + " }\n";
    const Result result = walked(
        MPI_COMM_WORLD, run + "[ensemble.e]\nmembers = 6\nbarrier = true\nwindow = 50\n", 40);
    const auto restarts = test::sum_over_ranks(result.counters.restarted);
    MPI_Barrier(MPI_COMM_WORLD);
    REQUIRE(std::filesystem::exists(path) == (wanted && ranks > 1));
    if (!std::filesystem::exists(path)) continue;
    Archive archive{MPI_COMM_SELF, path.string(), Archive::Mode::read};
    CHECK(archive.shape("loss") == Extents{0});
    for (const char* name : {"frames/member", "frames/segment", "frames/score"})
      CHECK(archive.shape(name) == Extents{50});
    CHECK(archive.shape("frames/latent") == Extents{50, 1});
    CHECK(restarts > 0);
    CHECK(archive.shape("restarts/from_segment") == Extents{restarts});
    CHECK(archive.shape("restarts/latent") == Extents{restarts, 1});
    archive.close();
  }
  MPI_Barrier(MPI_COMM_WORLD);
  if (test::world_rank() == 0) std::filesystem::remove_all(folder);
}

TEST_CASE("an ensemble that cannot be is refused on all ranks, with the line")
{
  const auto said = [](const std::string& text, const EnsembleShape& shape,
                       const std::string& name = "e") {
    const RunFile file{MPI_COMM_WORLD, "ensemble_session", text};
    try {
      Session session{MPI_COMM_WORLD, file.name()};
      if (session.serves())
        session.serve();
      else
        static_cast<void>(session.ensemble(name, shape));
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  const auto says = [](const std::string& text, const char* part) {
    INFO(text);
    CHECK((text.empty() || text.find(part) != std::string::npos));
  };
  const int ml = test::world_size() > 1 ? 1 : 0;
  const auto line = said(text_of(ml, "ranks_per_member = 9\n"), {1, 1});
  INFO(line);
  CHECK(line.find(".toml:8: ranks_per_member = 9") != std::string::npos);
  says(said(text_of(ml, ""), {0, 1}), "descriptors of 0 and states of 1");
  says(said(text_of(ml, ""), {1, 1}, "f"), "has no [ensemble.f]");
  says(said(text_of(ml, "raks_per_member = 1\n"), {1, 1}), "raks_per_member");
}
