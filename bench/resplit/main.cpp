// What it costs to split a session's ranks anew, under load, and whether anything is lost:
// cardan-bench-resplit.
//   mpirun -n 8 cardan-bench-resplit --report resplit

#include "json_lines.hpp"
#include "program.hpp"
#include "support/mpi_alive.hpp"
#include "support/resplit.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <unistd.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace {

using bench::misused;

struct Options {
  int splits = 1000;
  int steps = 3;
  unsigned seed = 1;
  bool learns = true;
  std::string json;
};

/// Between two splits, of all ranks.
struct Figures {
  std::vector<double> seconds;
  test::Tally observed, observed_taken;
  test::Tally reported, reported_taken;
  std::int64_t decided = 0, decided_taken = 0;
  std::int64_t requested = 0, answered = 0;
  bool right = true;
};

std::vector<int> random_split(std::mt19937& generator, int ranks)
{
  std::vector<int> all(static_cast<std::size_t>(ranks));
  for (int r = 0; r < ranks; ++r) all[static_cast<std::size_t>(r)] = r;
  std::shuffle(all.begin(), all.end(), generator);
  all.resize(generator() % static_cast<unsigned>(ranks));
  return all;
}

template <class T>
T over_ranks(T value, MPI_Datatype type, MPI_Op operation)
{
  MPI_Allreduce(MPI_IN_PLACE, &value, 1, type, operation, MPI_COMM_WORLD);
  return value;
}

/// All ranks stand between two splits: what was sent so far, and what was taken in.
void compare(cardan::Session& session, test::Load& load, Figures& figures)
{
  figures.right = load.settle() && figures.right;
  figures.observed = test::over_all(load.observed());
  figures.reported = test::over_all(load.reported());
  figures.requested = over_ranks(load.requested(), MPI_INT64_T, MPI_SUM);
  figures.answered = over_ranks(load.answered(), MPI_INT64_T, MPI_SUM);
  figures.decided_taken = over_ranks(test::dealt_with(session), MPI_INT64_T, MPI_SUM);
  // All that hold anything hold the same: the lowest of them speaks.
  const auto taken = test::taken_in(session);
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  const int speaker = over_ranks(taken.reported.count > 0 ? rank : 1 << 30, MPI_INT, MPI_MIN);
  if (speaker == 1 << 30) return;
  std::array<std::int64_t, 7> numbers{
      taken.observed.count, taken.observed.sum, taken.observed.scrambled,
      taken.reported.count, taken.reported.sum, taken.reported.scrambled,
      taken.decided};
  MPI_Bcast(numbers.data(), 7, MPI_INT64_T, speaker, MPI_COMM_WORLD);
  figures.observed_taken = {numbers[0], numbers[1], numbers[2]};
  figures.reported_taken = {numbers[3], numbers[4], numbers[5]};
  figures.decided = numbers[6];
}

/// Collective: so many splits under load; gives the figures after the last one.
Figures measure(const Options& options, const std::string& run_file)
{
  Figures figures;
  int ranks = 0;
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  cardan::Session session{MPI_COMM_WORLD, run_file};
  test::Load load{options.learns};
  std::mt19937 generator{options.seed};
  double left = 0;
  double opened = 0;
  double before = 0;
  do {
    // From the last rank that left its work to the last one that can work again, without what is
    // compared in between.
    const double end = over_ranks(opened, MPI_DOUBLE, MPI_MAX);
    if (session.splits() > 1) figures.seconds.push_back(before + end);
    const double begin = over_ranks(left, MPI_DOUBLE, MPI_MAX);
    before = over_ranks(MPI_Wtime(), MPI_DOUBLE, MPI_MAX) - begin;
    compare(session, load, figures);
    MPI_Barrier(MPI_COMM_WORLD);
    const double resumed = over_ranks(MPI_Wtime(), MPI_DOUBLE, MPI_MAX);
    const auto next = random_split(generator, ranks);
    left = opened = 0;
    if (session.serves()) {
      session.serve();
      continue;
    }
    load.open(session);
    load.step(session);
    opened = MPI_Wtime() - resumed;
    for (int step = 1; step < options.steps; ++step) load.step(session);
    if (session.splits() <= options.splits) session.resplit_to(next);
    load.close();
    left = MPI_Wtime();
  } while (session.follow_split());
  return figures;
}

std::int64_t lost(const test::Tally& sent, const test::Tally& taken)
{
  return std::max<std::int64_t>(sent.count - taken.count, sent == taken ? 0 : 1);
}

/// Milliseconds below which so much of all splits stay.
double quantile(std::vector<double> seconds, double share)
{
  if (seconds.empty()) return 0;
  std::sort(seconds.begin(), seconds.end());
  const auto last = static_cast<double>(seconds.size() - 1);
  return 1e3 * seconds[static_cast<std::size_t>(std::lround(share * last))];
}

bool tell(const Options& options, int ranks, const Figures& figures, const test::Alive& left,
          bench::JsonLines& json)
{
  struct Row {
    const char* what;
    std::int64_t sent, taken, lost, doubled;
  };
  const auto counted = [](const char* what, const test::Tally& sent, const test::Tally& taken) {
    return Row{what, sent.count, taken.count, sent == taken ? 0 : lost(sent, taken),
               std::max<std::int64_t>(0, taken.count - sent.count)};
  };
  const auto plain = [](const char* what, std::int64_t sent, std::int64_t taken) {
    return Row{what, sent, taken, std::max<std::int64_t>(0, sent - taken),
               std::max<std::int64_t>(0, taken - sent)};
  };
  std::vector<Row> rows;
  if (options.learns) rows.push_back(counted("samples", figures.observed, figures.observed_taken));
  rows.push_back(counted("reports", figures.reported, figures.reported_taken));
  rows.push_back(plain("decisions", figures.decided, figures.decided_taken));
  rows.push_back(plain("requests", figures.requested, figures.answered));
  const auto splits = figures.seconds.size();
  fmt::print(
      "{} ranks, {} random splits: milliseconds until all ranks work again: median {:.2f}, "
      "quartiles {:.2f} and {:.2f}, 99 % {:.2f}, most {:.2f}; {} of them within 50\n",
      ranks, splits, quantile(figures.seconds, 0.5), quantile(figures.seconds, 0.25),
      quantile(figures.seconds, 0.75), quantile(figures.seconds, 0.99),
      quantile(figures.seconds, 1),
      std::count_if(figures.seconds.begin(), figures.seconds.end(),
                    [](double each) { return each < 0.05; }));
  bool whole = figures.right && left.windows == 0 && left.communicators == 0;
  fmt::print("{:>12}{:>12}{:>12}{:>8}{:>9}\n", "", "sent", "taken in", "lost", "doubled");
  nlohmann::json line{{"report", "resplit"},
                      {"ranks", ranks},
                      {"splits", splits},
                      {"median_ms", quantile(figures.seconds, 0.5)},
                      {"p99_ms", quantile(figures.seconds, 0.99)},
                      {"most_ms", quantile(figures.seconds, 1)}};
  for (const Row& row : rows) {
    fmt::print("{:>12}{:>12}{:>12}{:>8}{:>9}\n", row.what, row.sent, row.taken, row.lost,
               row.doubled);
    line[row.what] = {{"sent", row.sent}, {"lost", row.lost}, {"doubled", row.doubled}};
    whole = whole && row.lost == 0 && row.doubled == 0;
  }
  fmt::print("windows: {} made, {} left; communicators: {} made, {} left\n", left.windows_made,
             left.windows, left.communicators_made, left.communicators);
  line["windows_left"] = left.windows;
  line["communicators_left"] = left.communicators;
  json.add(line);
  return whole;
}

/// Empty to go on; else the exit status.
std::optional<int> parse(Options& options, int argc, char** argv, bool speaks)
{
  CLI::App app{
      "What it takes to split a session's ranks anew while samples, reports, decisions and "
      "requests "
      "are\n"
      "under way, to random sets of ML ranks; and what became of each of them.\n"
      "  mpirun -n 8 cardan-bench-resplit --report resplit"};
  std::string report = "resplit";
  app.add_option("--report", report, "resplit: the only one")->check(CLI::IsMember({"resplit"}));
  app.add_option("--splits", options.splits, "How many")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  app.add_option("--steps", options.steps, "Steps of load between two splits")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--seed", options.seed, "Of the splits")->capture_default_str();
  app.add_option("--json", options.json, "File for one JSON object");
  app.add_flag("!--no-surrogate", options.learns, "Reports, decisions and requests only");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (speaks) app.exit(error);
    return error.get_exit_code() == 0 ? 0 : misused;
  }
  return std::nullopt;
}

int run(int argc, char** argv, int rank)
{
  Options options;
  if (const auto status = parse(options, argc, argv, rank == 0)) return *status;
  bench::JsonLines json{MPI_COMM_WORLD, options.json};
  if (!json.good()) {
    if (rank == 0)
      fmt::print(stderr, "--json: '{}' cannot be written; give another file\n", options.json);
    return misused;
  }
  int ranks = 0;
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  int process = static_cast<int>(::getpid());
  MPI_Bcast(&process, 1, MPI_INT, 0, MPI_COMM_WORLD);
  const auto path =
      std::filesystem::temp_directory_path() / fmt::format("cardan_bench_resplit_{}.toml", process);
  if (rank == 0) std::ofstream{path} << test::load_run(ranks > 1 ? 1 : 0, options.learns);
  MPI_Barrier(MPI_COMM_WORLD);
  test::register_load();
  const Figures figures = measure(options, path.string());
  test::Alive left = test::alive;
  left.windows = over_ranks(left.windows, MPI_LONG, MPI_SUM);
  left.communicators = over_ranks(left.communicators, MPI_LONG, MPI_SUM);
  if (rank == 0) std::filesystem::remove(path);
  int whole = 1;
  if (rank == 0) whole = tell(options, ranks, figures, left, json) ? 1 : 0;
  MPI_Bcast(&whole, 1, MPI_INT, 0, MPI_COMM_WORLD);
  return whole != 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv)
{
  return bench::program("cardan-bench-resplit", argc, argv, run);
}
