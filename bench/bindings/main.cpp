// What a call through C and Fortran costs more than through C++: cardan-bench-bindings.

#include "bindings/calls.hpp"
#include "json_lines.hpp"
#include "statistics.hpp"
#include "table.hpp"

#include <cardan/run.hpp>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>

#include <unistd.h>

namespace {

constexpr std::array languages{&bench::cpp, &bench::c, &bench::fortran};
constexpr const char* run_file_text = R"([run]
quiet = true
[surrogate.kinetics]
inputs = ["state"]
outputs = ["advanced"]
trust = { gate = "none" }
)";

struct Options {
  int rounds = 15;
  std::int64_t calls = 20000;
  std::string json;
};

/// The calls that are measured, by name.
struct Verb {
  const char* name;
  void (*bench::Language::*calls)(std::int64_t);
};
constexpr std::array verbs{Verb{"predict", &bench::Language::predict},
                           Verb{"input, output, predict", &bench::Language::bind},
                           Verb{"put", &bench::Language::put}};

double seconds_of(const bench::Language& language, const Verb& verb, std::int64_t calls)
{
  const auto begin = std::chrono::steady_clock::now();
  (language.*verb.calls)(calls);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  return took.count() / static_cast<double>(calls);
}

/// In turns, so that a machine that slows down does so for all.
void measure(const Verb& verb, const Options& options, bench::JsonLines& json)
{
  std::array<std::vector<double>, languages.size()> seconds;
  for (const auto* language : languages) seconds_of(*language, verb, options.calls / 10 + 1);
  for (int round = 0; round < options.rounds; ++round)
    for (std::size_t i = 0; i < languages.size(); ++i)
      seconds[i].push_back(seconds_of(*languages[i], verb, options.calls));
  for (std::size_t i = 0; i < languages.size(); ++i) {
    std::vector<double> more;
    for (std::size_t round = 0; round < seconds[i].size(); ++round)
      more.push_back(seconds[i][round] - seconds[0][round]);
    const bench::Summary whole = bench::summarise(seconds[i]);
    const bench::Summary added = bench::summarise(more);
    fmt::print("{:<24} {:<8} {:>8.1f} ns  {:>+8.1f} ns +- {:.1f}\n", verb.name, languages[i]->name,
               1e9 * whole.median, 1e9 * added.median, 1e9 * added.spread);
    json.add({{"verb", verb.name},
              {"language", languages[i]->name},
              {"seconds", whole.median},
              {"added", added.median},
              {"added_spread", added.spread}});
  }
}

int run(const Options& options)
{
  bench::JsonLines json{MPI_COMM_SELF, options.json};
  if (!json.good()) {
    std::cerr << "cannot write " << options.json << "\n";
    return 2;
  }
  const auto path = std::filesystem::temp_directory_path() /
                    fmt::format("cardan_bench_bindings_{}.toml", ::getpid());
  std::ofstream{path} << run_file_text;
  std::vector<double> state(bench::samples * bench::numbers, 1);
  std::vector<double> advanced(state.size());
  for (const auto* language : languages)
    language->open(path.c_str(), state.data(), advanced.data());
  std::filesystem::remove(path);
  fmt::print("{:<24} {:<8} {:>11}  {:>11}\n", "calls", "through", "a call", "over C++");
  for (const auto& verb : verbs) measure(verb, options, json);
  for (const auto* language : languages) language->close();
  return 0;
}

}  // namespace

int main(int argc, char** argv)
{
  MPI_Init(&argc, &argv);
  Options options;
  CLI::App app{
      "What a call through C and Fortran costs more than the same call through C++.\n"
      "  cardan-bench-bindings"};
  std::string report = "bindings";
  app.add_option("--report", report, "bindings: the only one")->check(CLI::IsMember({"bindings"}));
  app.add_option("--rounds", options.rounds, "Rounds of each language, in turns")
      ->check(CLI::PositiveNumber);
  app.add_option("--calls", options.calls, "Calls in a round")->check(CLI::PositiveNumber);
  app.add_option("--json", options.json, "A file for the results, a JSON object a line");
  bool smoke = false;
  app.add_flag("--smoke", smoke, "A few calls of each, to see that they work");
  int status = 0;
  try {
    app.parse(argc, argv);
    if (smoke) options.calls = 100;
    status = run(options);
  } catch (const CLI::ParseError& error) {
    status = app.exit(error) == 0 ? 0 : 2;
  } catch (const std::exception& error) {
    std::cerr << "cardan-bench-bindings: " << error.what() << "\n";
    status = 1;
  }
  MPI_Finalize();
  return status;
}
