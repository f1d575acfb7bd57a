// What an answer takes from the call to its return, in turns with a bare forward pass of the same
// network and batch: one simulation rank, one inference rank, and the model inside the simulation.

#include "bare.hpp"
#include "ml_reports.hpp"
#include "peer.hpp"
#include "statistics.hpp"
#include "table.hpp"
#include "team.hpp"

#include <cardan/cardan.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <unistd.h>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>

namespace bench {

namespace {

struct Case {
  std::string name;
  std::vector<std::int64_t> widths;
  std::int64_t batch;
  bool script = false;
};

std::vector<Case> cases(const MlOptions& options)
{
  const Case small{"8-32-8 x 32", {8, 32, 8}, 32};
  if (options.smoke) return {small, {"8-32-8 x 32 (file)", {8, 32, 8}, 32, true}};
  std::vector<Case> all{small,
                        {"16-64-64-16 x 128", {16, 64, 64, 16}, 128},
                        {"64-256-256-64 x 256", {64, 256, 256, 64}, 256},
                        {"64-256-256-64 x 2560", {64, 256, 256, 64}, 2560},
                        {"16-256-4096 x 256 (wide)", {16, 256, 4096}, 256},
                        {"64-256-256-64 x 256 (file)", {64, 256, 256, 64}, 256, true}};
  return all;
}

/// A way to be answered: where, and by which gate.
struct Way {
  std::string name;
  bool inside;
  bool ensemble;
};
const std::vector<Way> ways{{"ml", false, false},
                            {"inside", true, false},
                            {"ml_ensemble", false, true},
                            {"inside_ensemble", true, true}};
constexpr std::int64_t members = 4;

std::vector<Way> ways_of(const Case& asked)
{
  // A single file is no ensemble.
  return asked.script ? std::vector<Way>{ways[0], ways[1]} : ways;
}

/// All ways are surrogates of one session, trained for a moment and then at rest.
std::string run_file(const Case& asked, const std::string& script)
{
  std::string text = "[run]\nquiet = true\ndeadline = \"120 s\"\n[ranks]\nml = { count = 1 }\n";
  const std::vector<std::int64_t> hidden(asked.widths.begin() + 1, asked.widths.end() - 1);
  for (const auto& way : ways_of(asked)) {
    const std::string model =
        asked.script ? fmt::format("{{ file = \"{}\" }}", script)
                     : fmt::format("{{ kind = \"mlp\", hidden = [{}], members = {} }}",
                                   fmt::join(hidden, ", "), way.ensemble ? members : 1);
    text += fmt::format(
        "[surrogate.{}]\ninputs = [\"x\"]\noutputs = [\"y\"]\nplace = \"{}\"\nlate = \"wait\"\n"
        "model = {}\ntrust = {}\n",
        way.name, way.inside ? "inside" : "ml", model,
        way.ensemble ? "{ gate = \"ensemble\", tolerance = 1e30 }" : "{ gate = \"none\" }");
    if (!asked.script)
      text += fmt::format(
          "[training.{}]\nbatch = 256\nwarmup = 256\npasses = 1\nlast_layer = \"gradient\"\n"
          "publish = {{ every = 2 }}\nbuffer = {{ capacity = 2000 }}\n",
          way.name);
  }
  return text;
}

class Simulation {
 public:
  Simulation(cardan::Session& session, const Case& asked)
      : asked_(asked),
        x_(static_cast<std::size_t>(asked.batch * asked.widths.front())),
        y_(static_cast<std::size_t>(asked.batch * asked.widths.back()))
  {
    std::mt19937 random{1};
    std::uniform_real_distribution<float> unit{-1, 1};
    for (auto& number : x_) number = unit(random);
    for (const auto& way : ways_of(asked)) surrogates_.push_back(session.surrogate(way.name));
  }

  /// Teaches a wider region than is asked about, until each surrogate is trusted there and its
  /// version stays the same: training is then at rest.
  void teach()
  {
    std::vector<float> wide(x_);
    for (auto& number : wide) number *= 2;
    const cardan::Field far{wide, {asked_.batch, asked_.widths.front()}};
    const double begin = now();
    for (auto& surrogate : surrogates_) {
      std::int64_t version = -1;
      // Enough for the gate to be calibrated, and for a few steps only.
      std::int64_t lessons = (2500 + asked_.batch - 1) / asked_.batch;
      for (double since = now(); now() - since < 1; usleep(5000)) {
        if (now() - begin > 100)
          throw cardan::Error{"a surrogate is not trusted", asked_.name + ": tried for 100 s"};
        const auto answer = surrogate.predict({{"x", x()}}, {{"y", y()}});
        const bool enough = trusted(answer);
        // A channel that is full drops what it is given: some come later.
        if (!asked_.script && (lessons-- > 0 || (!enough && lessons % 20 == 0)))
          surrogate.observe({{"x", far}}, {{"y", y()}});
        if (enough && answer.stamp().version == version) continue;
        version = answer.stamp().version;
        since = now();
      }
    }
  }

  /// Seconds a call.
  double time(std::size_t way, std::int64_t calls)
  {
    std::int64_t answered = 0;
    // The first finds the other rank asleep.
    static_cast<void>(surrogates_[way].predict({{"x", x()}}, {{"y", y()}}));
    const double begin = now();
    for (std::int64_t call = 0; call < calls; ++call)
      answered += trusted(surrogates_[way].predict({{"x", x()}}, {{"y", y()}})) ? 1 : 0;
    const double seconds = (now() - begin) / static_cast<double>(calls);
    if (answered != calls)
      throw cardan::Error{fmt::format("{} of {} answers were not trusted", calls - answered, calls),
                          "all were to be"};
    return seconds;
  }

 private:
  /// The gate's limit is that of the largest disagreement it has seen: a few may be above.
  [[nodiscard]] bool trusted(const cardan::Answer& answer) const
  {
    return 20 * static_cast<std::int64_t>(answer.untrusted().size()) <= asked_.batch;
  }
  cardan::Field x() { return {x_, {asked_.batch, asked_.widths.front()}}; }
  cardan::Field y() { return {y_, {asked_.batch, asked_.widths.back()}}; }

  Case asked_;
  std::vector<float> x_;
  std::vector<float> y_;
  std::vector<cardan::Surrogate> surrogates_;
};

double time(Bare& bare, std::int64_t calls)
{
  bare.forward();
  const double begin = now();
  for (std::int64_t call = 0; call < calls; ++call) bare.forward();
  return (now() - begin) / static_cast<double>(calls);
}

void simulate(const MlOptions& options, const Case& asked, const std::string& script,
              cardan::Session& session, JsonLines& json)
{
  show_progress(fmt::format("inference {}", asked.name));
  Simulation simulation{session, asked};
  simulation.teach();
  const auto all = ways_of(asked);
  std::vector<std::unique_ptr<Bare>> bare;
  bare.push_back(asked.script ? make_bare_script(script, asked.widths.front(), asked.batch)
                              : make_bare_mlp(asked.widths, 1, asked.batch));
  if (!asked.script) bare.push_back(make_bare_mlp(asked.widths, members, asked.batch));

  std::vector<std::int64_t> calls;
  const double wanted = options.smoke ? 1e-4 : options.quick ? 0.01 : 0.03;
  for (auto& each : bare) {
    time(*each, 3);
    const double seconds = time(*each, 3);
    calls.push_back(std::clamp(static_cast<std::int64_t>(wanted / seconds), std::int64_t{3},
                               std::int64_t{5000}));
  }
  std::vector<std::vector<double>> own(all.size());
  std::vector<std::vector<double>> references(all.size());
  for (int round = 0; round < options.rounds; ++round)
    for (std::size_t turn = 0; turn < all.size(); ++turn) {
      const std::size_t w = (turn + static_cast<std::size_t>(round)) % all.size();
      const std::size_t b = all[w].ensemble ? 1 : 0;
      // Before and after: what the machine does besides meets both.
      const double before = time(*bare[b], calls[b]);
      own[w].push_back(simulation.time(w, calls[b]));
      references[w].push_back((before + time(*bare[b], calls[b])) / 2);
    }
  clear_progress();
  for (std::size_t w = 0; w < all.size(); ++w) {
    const Summary ours = summarise(own[w]);
    const Summary reference = summarise(references[w]);
    const Summary ratio = summarise(ratios(own[w], references[w]));
    std::vector<double> more(own[w]);
    for (std::size_t i = 0; i < more.size(); ++i) more[i] -= references[w][i];
    const Summary over = summarise(more);
    json.add({{"report", "inference"},
              {"model", asked.name},
              {"batch", asked.batch},
              {"place", all[w].inside ? "inside" : "ml"},
              {"gate", all[w].ensemble ? "ensemble" : "none"},
              {"rounds", options.rounds},
              {"calls", calls[all[w].ensemble ? 1 : 0]},
              {"seconds", ours.median},
              {"spread", ours.spread},
              {"bare", reference.median},
              {"bare_spread", reference.spread},
              {"ratio", ratio.median},
              {"ratio_spread", ratio.spread},
              {"over", over.median},
              {"over_spread", over.spread}});
    if (options.smoke)
      fmt::print("{:<28}{:<8}{:<10}answered\n", asked.name, all[w].inside ? "inside" : "ml",
                 all[w].ensemble ? "ensemble" : "none");
    else
      fmt::print("{:<28}{:<8}{:<10}{:>10}{:>10}{:>9.3f} ({:.3f}){:>11} ({})\n", asked.name,
                 all[w].inside ? "inside" : "ml", all[w].ensemble ? "ensemble" : "none",
                 print_seconds(ours.median), print_seconds(reference.median), ratio.median,
                 ratio.spread, print_seconds(over.median), print_seconds(over.spread));
    std::fflush(stdout);
  }
}

/// Empty where there is no torch for Python.
std::string write_script(const MlOptions& options, const Case& asked, const std::string& stem)
{
  const std::string file = stem + ".pt";
  Peer writer{{options.python, options.peer, "--widths",
               fmt::format("{}", fmt::join(asked.widths, ",")), "--save", file}};
  while (writer.hear()) continue;
  return std::filesystem::exists(file) ? file : "";
}

}  // namespace

void report_inference(const MlOptions& options, JsonLines& json)
{
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  if (rank == 0 && !options.smoke)
    fmt::print(
        "An answer by one simulation rank, beside LibTorch's forward pass of the same batch "
        "(IQR)\n{:<28}{:<8}{:<10}{:>10}{:>10}{:>17}{:>20}\n",
        "model x samples", "place", "gate", "answer", "bare", "ratio", "more");
  int process = static_cast<int>(::getpid());
  MPI_Bcast(&process, 1, MPI_INT, 0, MPI_COMM_WORLD);
  const std::string stem =
      (std::filesystem::temp_directory_path() / fmt::format("cardan_bench_{}", process)).string();
  for (const auto& asked : cases(options)) {
    if (asked.name.find(options.only) == std::string::npos) continue;
    std::string script;
    int there = 1;
    if (asked.script && rank == 0) there = write_script(options, asked, stem).empty() ? 0 : 1;
    MPI_Bcast(&there, 1, MPI_INT, 0, MPI_COMM_WORLD);
    if (asked.script) script = stem + ".pt";
    if (there == 0) {
      if (rank == 0)
        fmt::print(stderr,
                   "{} was not measured: {} has no torch; scripts/setup peer installs "
                   "python3-torch\n",
                   asked.name, options.python);
      continue;
    }
    if (rank == 0) std::ofstream{stem + ".toml"} << run_file(asked, script);
    MPI_Barrier(MPI_COMM_WORLD);
    {
      cardan::Session session{MPI_COMM_WORLD, stem + ".toml"};
      if (session.serves())
        session.serve();
      else
        simulate(options, asked, script, session, json);
    }
    MPI_Barrier(MPI_COMM_WORLD);
    if (rank != 0) continue;
    std::filesystem::remove(stem + ".toml");
    if (asked.script) std::filesystem::remove(script);
  }
}

}  // namespace bench
