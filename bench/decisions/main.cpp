// What a decision costs, from the report to the moment that it is taken, beside the same bytes
// there and back by hand: cardan-bench-decisions.
//   mpirun -n 2 cardan-bench-decisions --report decisions

#include "decisions/trips.hpp"
#include "json_lines.hpp"
#include "program.hpp"
#include "statistics.hpp"
#include "table.hpp"

#include <cardan/cardan.hpp>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <unistd.h>
#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>

namespace {

using bench::Bare;
using bench::Echo;
using bench::Simulation;
using bench::ways;

using bench::misused;

struct Options {
  int rounds = 15;
  /// Bytes of a report, and of a decision.
  std::vector<std::int64_t> bytes{64, 4096};
  /// Milliseconds of own work between a decision and the next report, in a second case of each
  /// size; 0: none.
  double pause = 0;
  bool quick = false;
  bool smoke = false;
  std::string json;
};

struct Rounds {
  std::vector<double> middle;
  std::vector<double> mean;
};

/// Of differences within a round.
bench::Summary more(const std::vector<double>& than, const std::vector<double>& reference)
{
  std::vector<double> differences;
  for (std::size_t round = 0; round < than.size(); ++round)
    differences.push_back(than[round] - reference[round]);
  return bench::summarise(differences);
}

void tell(const Options& options, std::int64_t bytes, double pause, std::int64_t trips,
          const std::array<Rounds, ways.size()>& rounds, const std::vector<double>& latency,
          bench::JsonLines& json)
{
  const bench::Summary own = bench::summarise(rounds[0].middle);
  const bench::Summary memory = bench::summarise(rounds[1].middle);
  const bench::Summary messages = bench::summarise(rounds[2].middle);
  const bench::Summary over = more(rounds[0].middle, rounds[1].middle);
  const bench::Summary over_messages = more(rounds[0].middle, rounds[2].middle);
  const bench::Summary over_mean = more(rounds[0].mean, rounds[1].mean);
  const bench::Summary stamped = bench::summarise(latency);
  json.add({{"report", "decisions"},
            {"bytes", bytes},
            {"pause", pause},
            {"rounds", options.rounds},
            {"trips", trips},
            {"seconds", own.median},
            {"spread", own.spread},
            {"memory", memory.median},
            {"memory_spread", memory.spread},
            {"messages", messages.median},
            {"messages_spread", messages.spread},
            {"over", over.median},
            {"over_spread", over.spread},
            {"over_messages", over_messages.median},
            {"over_messages_spread", over_messages.spread},
            {"over_mean", over_mean.median},
            {"over_mean_spread", over_mean.spread},
            {"latency", stamped.median}});
  if (options.smoke) {
    fmt::print("{} B, every {} ms: {} decisions were taken\n", bytes, 1e3 * pause,
               trips * options.rounds);
    return;
  }
  const auto with_spread = [](const bench::Summary& of) {
    return fmt::format("{:.2f} ({:.2f})", 1e6 * of.median, 1e6 * of.spread);
  };
  fmt::print("{:>7}{:>5} {:>15} {:>15} {:>15} {:>15} {:>15} {:>15}{:>10.2f}\n", bytes, 1e3 * pause,
             with_spread(own), with_spread(memory), with_spread(messages), with_spread(over),
             with_spread(over_messages), with_spread(over_mean), 1e6 * stamped.median);
  std::fflush(stdout);
}

/// All ways in turns, each round beginning with the next one.
void measure(const Options& options, std::int64_t bytes, double pause, Simulation& simulation,
             bench::JsonLines& json)
{
  const double wanted = options.smoke ? 1e-4 : options.quick ? 0.01 : 0.05;
  std::array<std::int64_t, ways.size()> trips{};
  for (std::size_t w = 0; w < ways.size(); ++w)
    trips[w] = std::clamp(
        static_cast<std::int64_t>(wanted / (pause + simulation.time(ways[w], 20, pause).mean)),
        std::int64_t{50}, std::int64_t{5000});
  std::array<Rounds, ways.size()> rounds;
  std::vector<double> latency;
  for (int round = 0; round < options.rounds; ++round)
    for (std::size_t turn = 0; turn < ways.size(); ++turn) {
      const std::size_t w = (turn + static_cast<std::size_t>(round)) % ways.size();
      const bench::Took took = simulation.time(ways[w], trips[w], pause);
      rounds[w].middle.push_back(took.middle);
      rounds[w].mean.push_back(took.mean);
      if (ways[w] == bench::Way::decision) latency.push_back(simulation.latency());
    }
  tell(options, bytes, pause, trips[0], rounds, latency, json);
}

/// Collective over two ranks.
void report(const Options& options, std::int64_t bytes, bench::JsonLines& json)
{
  const auto words = static_cast<std::size_t>(bytes) / sizeof(std::int64_t);
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  int process = static_cast<int>(::getpid());
  MPI_Bcast(&process, 1, MPI_INT, 0, MPI_COMM_WORLD);
  const auto path = std::filesystem::temp_directory_path() /
                    fmt::format("cardan_bench_decisions_{}_{}.toml", process, bytes);
  const std::string kind = fmt::format("echo {}", bytes);
  if (rank == 0)
    std::ofstream{path} << fmt::format(
        "[run]\nquiet = true\nprovenance = false\ndeadline = \"60 s\"\n[ranks]\nml = {{ count = 1 "
        "}}\n"
        "[steering.trips]\nkind = \"{}\"\n",
        kind);
  Bare bare{MPI_COMM_WORLD, words};
  cardan::register_decider(
      kind,
      [&bare, words](const cardan::Config&, const cardan::Signature&, const cardan::DeciderPlace&)
          -> std::unique_ptr<cardan::Decider> { return std::make_unique<Echo>(bare, words); });
  {
    cardan::Session session{MPI_COMM_WORLD, path.string()};
    if (session.serves()) {
      session.serve();
    } else {
      Simulation simulation{session, bare, words};
      measure(options, bytes, 0, simulation, json);
      if (options.pause > 0) measure(options, bytes, 1e-3 * options.pause, simulation, json);
    }
  }
  if (rank == 0) std::filesystem::remove(path);
}

/// Empty to go on; else the exit status.
std::optional<int> parse(Options& options, int argc, char** argv, bool speaks)
{
  CLI::App app{
      "What a decision takes from the report until it is taken, in turns with the same bytes there "
      "and back\n"
      "by hand: memory that both ranks map, with flags, and MPI_Isend with MPI_Irecv. The decider "
      "decides at once.\n"
      "  mpirun -n 2 cardan-bench-decisions --report decisions"};
  std::string report = "decisions";
  app.add_option("--report", report, "decisions: the only one")
      ->check(CLI::IsMember({"decisions"}));
  app.add_option("--bytes", options.bytes, "Of a report, and of a decision; multiples of 8")
      ->check(CLI::Range(16, 1 << 24))
      ->capture_default_str();
  app.add_option("--pause", options.pause,
                 "Milliseconds of work between a decision and the next report, in another case "
                 "of each size")
      ->check(CLI::Range(0.0, 1000.0));
  app.add_option("--rounds", options.rounds, "Turns of each way, at least 3")
      ->check(CLI::Range(3, 1000))
      ->capture_default_str();
  app.add_option("--json", options.json, "File for one JSON object a line and case");
  app.add_flag("--quick", options.quick, "Shorter rounds");
  app.add_flag("--smoke", options.smoke, "A few trips of each, to see that all come back");
  try {
    app.parse(argc, argv);
    for (const std::int64_t bytes : options.bytes)
      if (bytes % 8 != 0)
        throw CLI::ValidationError("--bytes", fmt::format("{} (must be a multiple of 8)", bytes));
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
  int ranks = 0;
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  if (ranks != 2) {
    if (rank == 0)
      fmt::print(stderr,
                 "there are {} ranks (a simulation rank and an ML rank are measured); "
                 "start it by mpirun -n 2\n",
                 ranks);
    return misused;
  }
  bench::JsonLines json{MPI_COMM_WORLD, options.json};
  if (!json.good()) {
    if (rank == 0)
      fmt::print(stderr, "--json: '{}' cannot be written; give another file\n", options.json);
    return misused;
  }
  if (rank == 0 && !options.smoke)
    fmt::print(
        "Microseconds of the middle trip from a report until its decision is taken, beside the "
        "same "
        "bytes by hand (IQR)\n{:>7}{:>5} {:>15} {:>15} {:>15} {:>15} {:>15} {:>15}{:>10}\n",
        "bytes", "ms", "decision", "memory", "MPI", "over memory", "over MPI", "means' over",
        "stamped");
  for (const std::int64_t bytes : options.bytes) report(options, bytes, json);
  return 0;
}

}  // namespace

int main(int argc, char** argv)
{
  return bench::program("cardan-bench-decisions", argc, argv, run);
}
