// The decision log: a run whose fields depend on every answer is repeated by its log, without ML
// ranks, and ends in the same state, bit for bit; what cannot be written does not stop a run.
#include "support/run_file.hpp"

#include <cardan/cardan.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

using cardan::Field;
using cardan::Session;
using test::rank_in;
using test::RunFile;

namespace fs = std::filesystem;

namespace {

class Part {
 public:
  Part(MPI_Comm comm, int colour) { MPI_Comm_split(comm, colour, 0, &comm_); }
  ~Part() { MPI_Comm_free(&comm_); }
  Part(const Part&) = delete;
  Part& operator=(const Part&) = delete;
  [[nodiscard]] MPI_Comm get() const { return comm_; }

 private:
  MPI_Comm comm_ = MPI_COMM_NULL;
};

/// A folder that all ranks share, taken away at the end.
class Folder {
 public:
  explicit Folder(const std::string& what)
      : name_("decisions_" + what + "_" + std::to_string(test::size_of(MPI_COMM_WORLD)))
  {
    clear();
  }
  ~Folder() { clear(); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::string path(const std::string& file = "") const
  {
    return (fs::path(name_) / file).string();
  }

 private:
  void clear()
  {
    MPI_Barrier(MPI_COMM_WORLD);
    std::error_code ignored;
    if (rank_in(MPI_COMM_WORLD) == 0) fs::remove_all(name_, ignored);
    MPI_Barrier(MPI_COMM_WORLD);
  }
  std::string name_;
};

struct Outcome {
  std::vector<double> state;
  cardan::Counters counters;
  std::vector<std::int64_t> versions;
  std::vector<std::uint64_t> hashes;
  std::vector<double> losses;
};

constexpr std::int64_t most = 24;
constexpr int steps = 60;

/// Samples lie columnwise, their number differs from step to step and rank to rank, some ranks have
/// none now and then, and there are two calls in a step.
Outcome simulate(Session& session)
{
  Outcome outcome;
  const int rank = rank_in(session.comm());
  auto surrogate = session.surrogate("a");
  std::vector<double> x(2 * most);
  std::vector<double> y(2 * most);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = 0.1 * rank + 0.01 * static_cast<double>(i);
  for (const auto step : session.steps(steps)) {
    // Training needs time that this simulation does not.
    if (session.ml_ranks() > 0 && (step == 0 || outcome.versions.back() == 0))
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    for (int call = 0; call < 2; ++call) {
      const std::int64_t varied = 5 * step + std::int64_t{7} * rank + call;
      const std::int64_t count = step == 0 ? most : varied % (most + 1);
      const Field inputs{x.data(), {count, 2}, {1, most}};
      const Field outputs{y.data(), {count, 2}, {1, most}};
      const auto answer = surrogate.predict({{"x", inputs}}, {{"y", outputs}});
      outcome.versions.push_back(answer.stamp().version);
      outcome.hashes.push_back(answer.stamp().hash);
      outcome.losses.push_back(answer.stamp().loss);
      for (const auto i : answer.untrusted())
        for (const std::int64_t c : {0, 1}) {
          const auto at = static_cast<std::size_t>(c * most + i);
          y[at] = std::sin(x[at]) + 0.1;
        }
      surrogate.observe({{"x", inputs}}, {{"y", outputs}}, answer.untrusted());
      for (std::int64_t i = 0; i < count; ++i)
        for (const std::int64_t c : {0, 1}) {
          const auto at = static_cast<std::size_t>(c * most + i);
          x[at] = 0.5 * x[at] + y[at];
        }
    }
  }
  outcome.state = x;
  outcome.counters = surrogate.counters();
  return outcome;
}

std::string run_file(int ml, const std::string& decisions)
{
  std::string text = test::quiet_run(
      ml, test::surrogate(
              "a", "late = \"wait\"\nmodel = { kind = \"mlp\", hidden = [8], members = 2 }\n"));
  text.replace(text.find("[run]\n"), 6, "[run]\nprovenance = true\n");
  return text + "[decisions]\n" + decisions;
}

std::string text_of(const std::string& path)
{
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("a run repeated by its log ends in the same state")
{
  const int ranks = test::size_of(MPI_COMM_WORLD);
  const int ml = std::min(ranks - 1, 2);
  const Folder folder{"replay"};
  const RunFile file{MPI_COMM_WORLD, "replay", run_file(ml, "answers = true\nflush = 7\n")};
  std::optional<Outcome> first;
  {
    cardan::SessionOptions options;
    options.folder = folder.path("run");
    Session session{MPI_COMM_WORLD, file.name(), options};
    if (session.serves())
      CHECK(session.serve() == 0);
    else
      first = simulate(session);
  }
  const Part part{MPI_COMM_WORLD, first ? 0 : 1};
  if (first) {
    CHECK((ml == 0 || first->counters.trusted > 0));
    cardan::SessionOptions options;
    options.folder = folder.path("again");
    options.replay = folder.path("run/decisions.h5");
    Session session{part.get(), file.name(), options};
    REQUIRE_FALSE(session.serves());
    const Outcome again = simulate(session);
    CHECK(session.ml_ranks() == 0);
    CHECK(std::memcmp(again.state.data(), first->state.data(),
                      sizeof(double) * again.state.size()) == 0);
    CHECK(again.versions == first->versions);
    CHECK(again.hashes == first->hashes);
    CHECK(again.losses.size() == first->losses.size());
    for (std::size_t i = 0; i < again.losses.size(); ++i)
      CHECK((again.losses[i] == first->losses[i] ||
             (std::isnan(again.losses[i]) && std::isnan(first->losses[i]))));
    CHECK(std::count(again.hashes.begin(), again.hashes.end(), 0) ==
          std::count(again.versions.begin(), again.versions.end(), 0));
    CHECK(again.counters.trusted == first->counters.trusted);
    CHECK(again.counters.observed == first->counters.observed);
  }
  MPI_Barrier(MPI_COMM_WORLD);
  if (rank_in(MPI_COMM_WORLD) == 0) {
    CHECK(text_of(folder.path("run/run.json")).find("\"outcome\": \"completed\"") !=
          std::string::npos);
    const std::string lines = text_of(folder.path("run/decisions.jsonl"));
    CHECK(std::count(lines.begin(), lines.end(), '\n') == 2 * steps * (ranks - ml));
    CHECK_FALSE(fs::exists(folder.path("again/decisions.h5")));
  }
}

TEST_CASE("a run goes on where its log cannot be written, and leaves nothing where it is not to")
{
  const int ranks = test::size_of(MPI_COMM_WORLD);
  const int ml = std::min(ranks - 1, 2);
  const Folder folder{"nowhere"};
  const RunFile file{MPI_COMM_WORLD, "nowhere", run_file(ml, "flush = 7\n")};
  for (const std::string place : {"/proc/cardan", "in a file"}) {
    if (rank_in(MPI_COMM_WORLD) == 0) {
      fs::create_directories(folder.path());
      std::ofstream{folder.path("file")} << "x";
    }
    MPI_Barrier(MPI_COMM_WORLD);
    cardan::SessionOptions options;
    options.folder = place == "in a file" ? folder.path("file") : place;
    Session session{MPI_COMM_WORLD, file.name(), options};
    if (session.serves())
      CHECK(session.serve() == 0);
    else
      CHECK(simulate(session).counters.asked > 0);
  }
  {
    cardan::SessionOptions options;
    options.folder = folder.path("none");
    const RunFile off{MPI_COMM_WORLD, "off",
                      test::quiet_run(ml, test::surrogate("a")) + "[decisions]\nlog = true\n"};
    // Tests are run with CARDAN_PROVENANCE=0.
    setenv("CARDAN_PROVENANCE", "0", 1);
    Session session{MPI_COMM_WORLD, off.name(), options};
    if (session.serves())
      CHECK(session.serve() == 0);
    else
      CHECK(simulate(session).counters.asked > 0);
  }
  MPI_Barrier(MPI_COMM_WORLD);
  CHECK_FALSE(fs::exists(folder.path("none")));
}
