// Checkpoints of what a simulation protects: written, verified, gone on from on any number of
// ranks.
#include "checkpoint/reader.hpp"
#include "checkpoint/series.hpp"
#include "checkpoint/verify.hpp"
#include "support/run_file.hpp"

#include <cardan/cardan.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <numeric>

using namespace cardan;

namespace {

namespace fs = std::filesystem;

/// A folder of this run's own, empty at the begin and gone at the end.
class Folder {
 public:
  explicit Folder(const std::string& name)
      : name_("checkpoint_" + name + "_" + std::to_string(test::size_of(MPI_COMM_WORLD)))
  {
    if (test::rank_in(MPI_COMM_WORLD) == 0) {
      fs::remove_all(name_);
      fs::create_directories(name_);
    }
    MPI_Barrier(MPI_COMM_WORLD);
  }
  ~Folder()
  {
    MPI_Barrier(MPI_COMM_WORLD);
    if (test::rank_in(MPI_COMM_WORLD) == 0) fs::remove_all(name_);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::string file() const { return name_ + "/run.h5"; }

 private:
  std::string name_;
};

std::string run_text(const Folder& folder, const std::string& more, int ml = 0)
{
  return "[run]\nquiet = true\ndeadline = \"20 s\"\n" +
         (ml > 0 ? "[ranks]\nml = { count = " + std::to_string(ml) + " }\n" : "") +
         "[checkpoint]\nfile = \"" + folder.file() + "\"\n" + more;
}

/// A small simulation: a global array of 7 by 5 by rows, a batch, a number; each step changes all
/// by rules that depend on what they were.
struct Simulation {
  Simulation(MPI_Comm comm)
  {
    const int rank = test::rank_in(comm);
    const int ranks = test::size_of(comm);
    const std::int64_t rows = 7;
    const std::int64_t from = rows * rank / ranks;
    const std::int64_t count = rows * (rank + 1) / ranks - from;
    box = {{rows, 5}, {from, 0}, {count, 5}};
    grid.resize(static_cast<std::size_t>(count * 5));
    std::iota(grid.begin(), grid.end(), static_cast<double>(from * 5));
    const std::int64_t samples = 11;
    const std::int64_t first = samples * rank / ranks;
    batch.resize(static_cast<std::size_t>(samples * (rank + 1) / ranks - first));
    std::iota(batch.begin(), batch.end(), static_cast<float>(first));
  }
  void step()
  {
    for (auto& value : grid) value = std::sin(value) + number;
    for (auto& value : batch) value = 0.5F * value + 1;
    number += 0.25;
  }
  Box box;
  std::vector<double> grid;
  std::vector<float> batch;
  double number = 1;
};

/// All of a simulation's numbers, in the order of the global arrays, on all ranks.
std::vector<double> everything(MPI_Comm comm, const Simulation& simulation)
{
  std::vector<double> all(35 + 11 + 1, 0);
  std::copy(simulation.grid.begin(), simulation.grid.end(),
            all.begin() + simulation.box.offset[0] * 5);
  const auto own = static_cast<std::int64_t>(simulation.batch.size());
  std::int64_t before = 0;
  MPI_Exscan(&own, &before, 1, MPI_INT64_T, MPI_SUM, comm);
  if (test::rank_in(comm) == 0) before = 0;
  std::copy(simulation.batch.begin(), simulation.batch.end(), all.begin() + 35 + before);
  if (test::rank_in(comm) == 0) all.back() = simulation.number;
  MPI_Allreduce(MPI_IN_PLACE, all.data(), static_cast<int>(all.size()), MPI_DOUBLE, MPI_SUM, comm);
  return all;
}

struct Outcome {
  std::vector<double> state;
  std::int64_t steps = 0;
  bool restored = false;
};

/// Runs up to a step on some of the ranks (the others stand by), from a checkpoint or from the
/// begin.
Outcome simulate(int ranks, const std::string& text, std::int64_t until,
                 const std::string& restart = "")
{
  MPI_Comm comm = MPI_COMM_NULL;
  const bool mine = test::rank_in(MPI_COMM_WORLD) < ranks;
  MPI_Comm_split(MPI_COMM_WORLD, mine ? 0 : MPI_UNDEFINED, 0, &comm);
  Outcome outcome;
  outcome.state.assign(47, 0);
  if (mine) {
    const test::RunFile file{comm, "checkpoint", text};
    SessionOptions options;
    options.restart = restart;
    Session session{comm, file.name(), options};
    if (session.serves()) {
      CHECK(session.serve() == 0);
    } else {
      Simulation simulation{session.comm()};
      outcome.restored =
          session.protect("grid", Field{simulation.grid, simulation.box.count}.in(simulation.box),
                          {.axes = "y x", .units = "K", .replicated = false});
      session.protect("batch", Field{simulation.batch});
      session.protect("number", Field{&simulation.number, Extents{}});
      for ([[maybe_unused]] const auto step : session.steps(until)) {
        simulation.step();
        ++outcome.steps;
      }
      CHECK(session.finish_checkpoints());
      outcome.state = everything(session.comm(), simulation);
    }
  }
  MPI_Barrier(MPI_COMM_WORLD);
  if (comm != MPI_COMM_NULL) MPI_Comm_free(&comm);
  MPI_Bcast(outcome.state.data(), 47, MPI_DOUBLE, 0, MPI_COMM_WORLD);
  return outcome;
}

int world()
{
  return test::size_of(MPI_COMM_WORLD);
}

std::vector<std::int64_t> numbers_of(const Folder& folder)
{
  return checkpoint::Series{folder.file()}.numbers();
}

std::string path_of_newest(const Folder& folder)
{
  const checkpoint::Series series{folder.file()};
  return series.path(series.numbers().back());
}

/// One bit of an element of the grid.
void damage(const std::string& path)
{
  std::vector<double> grid(35);
  checkpoint::Reader{path}.read("fields/grid", Field{grid, {7, 5}});
  std::ifstream in{path, std::ios::binary};
  const std::string bytes{std::istreambuf_iterator<char>{in}, {}};
  const auto at = bytes.find({reinterpret_cast<const char*>(&grid[17]), sizeof(double)});
  REQUIRE(at != std::string::npos);
  std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
  file.seekp(static_cast<std::streamoff>(at));
  file.put(static_cast<char>(bytes[at] ^ 4));
}

bool whole(const std::string& path)
{
  for (const auto& sum : checkpoint::sum_up(path))
    if (sum.stated != sum.found) return false;
  return true;
}

}  // namespace

TEST_CASE("a run that goes on from a checkpoint ends as one that was not interrupted")
{
  const Folder folder{"restart"};
  for (const bool async : {true, false})
    for (const int ml : {0, 1}) {
      if (world() <= ml) continue;
      CAPTURE(async);
      CAPTURE(ml);
      const std::string text = run_text(
          folder, std::string("every = 3\nkeep = 9\nasync = ") + (async ? "true\n" : "false\n"),
          ml);
      const auto whole_run = simulate(world(), text, 10);
      CHECK(!whole_run.restored);
      simulate(world(), text, 6);
      const auto after_six = path_of_newest(folder);
      MPI_Barrier(MPI_COMM_WORLD);
      // The first of them leaves a checkpoint of its own, with nothing left to do.
      const std::vector<std::pair<int, std::string>> continued{
          {world(), "latest"}, {std::max(1 + ml, world() / 2), after_six}, {world(), "latest"}};
      for (std::size_t i = 0; i < continued.size(); ++i) {
        const auto rest = simulate(continued[i].first, text, 10, continued[i].second);
        CHECK(rest.state == whole_run.state);
        if (test::rank_in(MPI_COMM_WORLD) != 0) continue;
        CHECK(rest.restored);
        CHECK(rest.steps == (i < 2 ? 4 : 0));
      }
    }
}

TEST_CASE("files are whole, numbered, linked to, and the oldest go")
{
  const Folder folder{"keep"};
  simulate(world(), run_text(folder, "every = 2\nkeep = 3\n"), 9);
  MPI_Barrier(MPI_COMM_WORLD);
  // Of steps 2, 4, 6, 8 and the last, 9.
  CHECK(numbers_of(folder) == std::vector<std::int64_t>{3, 4, 5});
  for (const auto number : numbers_of(folder))
    CHECK(whole(checkpoint::Series{folder.file()}.path(number)));
  CHECK(fs::is_symlink(folder.file()));
  const checkpoint::Reader reader{folder.file()};
  CHECK(reader.integer("session/step") == 9);
  CHECK(reader.shape("fields/grid") == std::vector<std::int64_t>{7, 5});
  CHECK(reader.shape("fields/batch") == std::vector<std::int64_t>{11});
  CHECK(reader.shape("fields/number").empty());
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry :
       fs::directory_iterator(fs::path(folder.file()).parent_path()))
    ++files;
  CHECK(files == 4);
}

TEST_CASE("a damaged newest file is found, and the one before it taken")
{
  const Folder folder{"damaged"};
  const std::string text = run_text(folder, "every = 3\nkeep = 3\nat_end = false\n");
  const auto whole_run = simulate(world(), text, 10);
  const auto newest = path_of_newest(folder);
  MPI_Barrier(MPI_COMM_WORLD);
  if (test::rank_in(MPI_COMM_WORLD) == 0) damage(newest);
  MPI_Barrier(MPI_COMM_WORLD);
  CHECK(!whole(newest));
  const auto rest = simulate(world(), text, 10, "latest");
  CHECK(rest.state == whole_run.state);
  if (test::rank_in(MPI_COMM_WORLD) == 0) CHECK(rest.steps == 4);
}

TEST_CASE("compressed and rounded arrays come back within their bound")
{
  const Folder folder{"compressed"};
  const std::string text = run_text(folder,
                                    "every = 5\n[checkpoint.fields.grid]\ndeflate = 4\n"
                                    "error_bound = 1e-3\n[checkpoint.fields.batch]\ndeflate = 1\n");
  const auto exact = simulate(world(), run_text(folder, "every = 5\n"), 5);
  simulate(world(), text, 5);
  CHECK(whole(folder.file()));
  const checkpoint::Reader reader{folder.file()};
  std::vector<double> grid(35);
  reader.read("fields/grid", Field{grid, {7, 5}});
  double moved = 0;
  for (std::size_t i = 0; i < grid.size(); ++i)
    moved = std::max(moved, std::abs(grid[i] - exact.state[i]));
  CHECK(moved <= 1e-3);
  CHECK(moved > 0);
  std::vector<float> batch(11);
  reader.read("fields/batch", Field{batch});
  for (std::size_t i = 0; i < batch.size(); ++i)
    CHECK(static_cast<double>(batch[i]) == exact.state[35 + i]);
}

TEST_CASE("what cannot be gone on from is said")
{
  const Folder folder{"wrong"};
  const auto error_of = [&](const std::string& text, const std::string& restart) {
    try {
      simulate(world(), text, 3, restart);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  CHECK(error_of(run_text(folder, ""), "nowhere.h5").find("no such file") != std::string::npos);
  CHECK(error_of("[run]\nquiet = true\n", "latest").find("[checkpoint] file") != std::string::npos);
  CHECK(error_of(run_text(folder, "evry = 3\n"), "").find("'every'") != std::string::npos);
  CHECK(error_of("[checkpoint]\nfile = \"no/such/folder/run.h5\"\n", "").find("No such file") !=
        std::string::npos);
}

TEST_CASE("ranks that protect different kinds of a field are told, and do not wait")
{
  if (world() == 1) return;
  const test::RunFile file{MPI_COMM_WORLD, "checkpoint", "[run]\nquiet = true\n"};
  Session session{MPI_COMM_WORLD, file.name()};
  std::vector<double> values(4);
  const int rank = test::rank_in(session.comm());
  const Field batch{values};
  const Field boxed = batch.in({{4L * world()}, {4L * rank}, {4}});
  CHECK_THROWS_WITH_AS(session.protect("u", rank == 0 ? boxed : batch),
                       doctest::Contains("do not agree"), Error);
}
