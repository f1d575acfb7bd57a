// A finished run played back in place of its simulation, by its decision log:
//   mpirun -n 2 cardan-play run.toml : -n 1 cardan-ml run.toml

#include "program/playback.hpp"

#include <cardan/cardan.hpp>
#include <cardan/version.hpp>

#include <fmt/format.h>
#include <mpi.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace {

namespace fs = std::filesystem;
using cardan::Session;

struct Settings {
  std::string replay;
  double rate = 0;
  std::int64_t repeat = 1;
};

//= [source]
Settings read_source(const cardan::Config& source)
{
  Settings settings;
  //= the decisions.h5 of a finished run, with answers, that `cardan-play` plays back
  settings.replay = source.get<std::string>("replay");
  //= 0: as fast as can be | steps a second
  settings.rate = source.get<double>("rate", settings.rate);
  //= 1 | how often the whole run is played
  settings.repeat = source.get<std::int64_t>("repeat", settings.repeat);
  if (settings.rate < 0) throw source.error("rate", "must not be negative");
  if (settings.repeat < 1) throw source.error("repeat", "must be positive");
  return settings;
}

//= [run]
std::string read_folder(const cardan::Config& run)
{
  return run.get<std::string>("folder", ".");
}

//= [surrogate.NAME]
Playback read_playback(const cardan::Config& surrogate, const std::string& path,
                       const std::string& name)
{
  if (surrogate.has("grid"))
    throw surrogate.error("grid", "a surrogate on a grid cannot be played",
                          "Its log has cells, not global arrays.");
  return {path, name, surrogate.get<std::vector<std::string>>("inputs"),
          surrogate.get<std::vector<std::string>>("outputs")};
}

Settings read_settings(const Session& session)
{
  Settings settings = read_source(session.config("source"));
  const fs::path folder = read_folder(session.config("run"));
  std::error_code code;
  if (fs::equivalent(folder / "decisions.h5", settings.replay, code))
    throw session.config("source").error("replay", "this run's own log would be written over it",
                                         "Name another [run] folder.");
  return settings;
}

/// What the answers were worth.
struct Score {
  std::int64_t asked = 0;
  std::int64_t trusted = 0;
  double squares = 0;
  double largest = 0;
  std::int64_t numbers = 0;
};

/// A surrogate, and its samples of one call at a time.
class Player {
 public:
  Player(Session& session, const std::string& path, const std::string& name)
      : log_(read_playback(session.config("surrogate").table(name), path, name)),
        surrogate_(session.surrogate(name))
  {
    MPI_Comm_rank(session.comm(), &rank_);
    MPI_Comm_size(session.comm(), &ranks_);
    log_.reserve(log_.largest_share(ranks_));
    // Says how many samples a call has at most.
    surrogate_.observe(log_.inputs(log_.capacity()), log_.answers(log_.capacity()), {});
  }
  [[nodiscard]] const Playback& log() const { return log_; }

  void play(std::size_t call)
  {
    const std::int64_t count = log_.read(call, rank_, ranks_);
    const auto inputs = log_.inputs(count);
    const auto answers = log_.answers(count);
    const auto answer = surrogate_.predict(inputs, answers);
    score_.asked += count;
    std::int64_t begin = 0;
    const auto judge = [&](std::int64_t end) {
      score_.trusted += end - begin;
      log_.compare(begin, end, score_.squares, score_.largest, score_.numbers);
      begin = end + 1;
    };
    for (const auto sample : answer.untrusted()) judge(sample);
    judge(count);
    log_.restore(answer.untrusted());
    surrogate_.observe(inputs, answers, answer.untrusted());
  }

  /// Of all ranks.
  [[nodiscard]] Score score(MPI_Comm comm) const
  {
    Score all = score_;
    std::int64_t counts[3] = {all.asked, all.trusted, all.numbers};
    MPI_Allreduce(MPI_IN_PLACE, counts, 3, MPI_INT64_T, MPI_SUM, comm);
    MPI_Allreduce(MPI_IN_PLACE, &all.squares, 1, MPI_DOUBLE, MPI_SUM, comm);
    MPI_Allreduce(MPI_IN_PLACE, &all.largest, 1, MPI_DOUBLE, MPI_MAX, comm);
    return {counts[0], counts[1], all.squares, all.largest, counts[2]};
  }

 private:
  Playback log_;
  cardan::Surrogate surrogate_;
  int rank_ = 0;
  int ranks_ = 1;
  Score score_;
};

void report(const std::string& name, const Score& score)
{
  const double share = score.asked > 0 ? 100.0 * static_cast<double>(score.trusted) /
                                             static_cast<double>(score.asked)
                                       : 0;
  const double mean =
      score.numbers > 0 ? std::sqrt(score.squares / static_cast<double>(score.numbers)) : 0;
  std::cout << fmt::format(
      "{}: {} of {} samples trusted ({:.1f} %); error of the trusted against the log: root mean "
      "square {:.3g}, largest {:.3g}\n",
      name, score.trusted, score.asked, share, mean, score.largest);
}

void play(Session& session)
{
  const Settings settings = read_settings(session);
  std::vector<std::string> names = session.config("surrogate").keys();
  std::vector<Player> players;
  players.reserve(names.size());
  for (const auto& name : names) players.emplace_back(session, settings.replay, name);
  std::size_t length = 0;
  for (const auto& player : players) length = std::max(length, player.log().steps());
  const auto total = static_cast<std::int64_t>(length) * settings.repeat;
  int rank = 0;
  MPI_Comm_rank(session.comm(), &rank);
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  auto told = begin;
  for (const auto step : session.steps(total)) {
    if (settings.rate > 0)
      std::this_thread::sleep_until(
          begin + std::chrono::duration_cast<Clock::duration>(
                      std::chrono::duration<double>(static_cast<double>(step) / settings.rate)));
    const std::size_t played = static_cast<std::size_t>(step) % length;
    for (auto& player : players)
      if (played < player.log().steps())
        for (const auto call : player.log().calls_of(played)) player.play(call);
    if (rank != 0 || Clock::now() - told < std::chrono::seconds(1)) continue;
    told = Clock::now();
    std::cerr << fmt::format("step {} of {}\n", step + 1, total);
  }
  for (std::size_t p = 0; p < players.size(); ++p) {
    const Score score = players[p].score(session.comm());
    if (rank == 0) report(names[p], score);
  }
}

}  // namespace

int main(int argc, char** argv)
{
  MPI_Init(&argc, &argv);
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  CLI::App app{
      "Plays a finished run back in place of its simulation, as [source] of the run file says:\n"
      "  mpirun -n 2 cardan-play run.toml : -n 1 cardan-ml run.toml"};
  std::string run_file;
  app.add_option("run_file", run_file, "The run file, with [source] replay = \"decisions.h5\"")
      ->required();
  app.set_version_flag("--version", std::string("cardan-play ") + cardan::version);
  int status = 0;
  try {
    app.parse(argc, argv);
    status = cardan::run(run_file, {}, play);
  } catch (const CLI::ParseError& error) {
    int size = 1;
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    if (size > 1 && error.get_exit_code() != 0) {
      // ML ranks beside it wait for these: the first of them speaks and ends all.
      std::this_thread::sleep_for(std::chrono::milliseconds(150 * std::min(rank, 12)));
      app.exit(error);
      MPI_Abort(MPI_COMM_WORLD, error.get_exit_code());
    }
    status = rank == 0 ? app.exit(error) : error.get_exit_code();
  }
  MPI_Finalize();
  return status;
}
