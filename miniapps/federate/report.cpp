#include "report.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

namespace federate {

namespace {

void write(const std::string& path, const std::string& text)
{
  std::ofstream file{path};
  file << text << '\n';
  if (!file.flush()) throw cardan::Error{"cannot write " + path};
}

std::string list(const Outcome& outcome, std::size_t round, const std::string& column,
                 const char* format)
{
  std::string text;
  for (const auto& silo : outcome.silos) {
    const auto& values = silo.of(column);
    text += text.empty() ? "" : " ";
    text += round < values.size() ? fmt::format(fmt::runtime(format), values[round]) : "-";
  }
  return text;
}

void print_line(const char* what, const Line& line)
{
  fmt::print("  {:<28}", what);
  for (const double value : line) fmt::print(" {:>11.7f}", value);
  fmt::print("\n");
}

}  // namespace

void write_log(const Results& results, const std::string& path)
{
  std::ofstream file{path};
  file << fmt::format("federate: {}, {} silos, seed {}\n", results.settings.problem, results.silos,
                      results.settings.seed);
  for (const auto* outcomes : {&results.swept, &results.compared})
    for (const auto& outcome : *outcomes) {
      const Plan& plan = outcome.plan;
      file << fmt::format("{}: {} rounds of {} steps, batch {}, rate {:g}, {}\n", plan.name,
                          plan.rounds, plan.steps_of_a_round(), plan.batch, plan.rate,
                          outcome.ml_library);
      const std::size_t rounds = outcome.silos.front().of("round").size();
      for (std::size_t r = 0; r < rounds; ++r)
        file << fmt::format(
            "{} round {:>4}: local {} | global {} | held out {} | norm {} | clipped {} | bytes "
            "{}\n",
            plan.name, r, list(outcome, r, "local_loss", "{:.5g}"),
            list(outcome, r, "global_loss", "{:.5g}"),
            list(outcome, r, "validation_loss", "{:.5g}"),
            list(outcome, r, "update_norm", "{:.3g}"), list(outcome, r, "clipped", "{:.3g}"),
            list(outcome, r, "moved_bytes", "{:.0f}"));
      file << fmt::format("{}: held-out loss {:.6g} after {:.2f} s\n", plan.name,
                          outcome.held_out_loss, outcome.seconds);
    }
  if (!file.flush()) throw cardan::Error{"cannot write " + path};
}

void print_tables(const Results& results)
{
  const Settings& settings = results.settings;
  fmt::print("\nfederate: {}, {} silos, seed {}\n", settings.problem, results.silos, settings.seed);
  if (!results.swept.empty()) {
    fmt::print("\n  {:<10} {:>6} {:>8} {:>8}  {:>13}   held out, after {} rounds\n", "sweep",
               "steps", "rate", "mu", "held-out loss", settings.sweep->rounds);
    for (const auto& outcome : results.swept)
      fmt::print("  {:<10} {:>6} {:>8g} {:>8}  {:>13.5g}\n", outcome.plan.method,
                 outcome.plan.local_steps, outcome.plan.rate,
                 outcome.plan.mu ? fmt::format("{:g}", *outcome.plan.mu) : "",
                 outcome.held_out_loss);
    fmt::print("  chosen: {} steps, rate {:g}, mu {:g}\n", settings.local_steps, settings.rate,
               settings.mu);
  }
  fmt::print("\n  {:<11} {:>12} {:>12} {:>10} {:>10} {:>10} {:>10} {:>8}\n", "method", "loss",
             "held out", "mean error", "worst", "epsilon", "bytes", "seconds");
  for (const auto& outcome : results.compared) {
    const auto epsilon = epsilon_of(outcome);
    fmt::print("  {:<11} {:>12.5g} {:>12.5g} {:>10.3f} {:>10.3f} {:>10} {:>10.4g} {:>8.2f}\n",
               outcome.plan.name, outcome.global_loss, outcome.held_out_loss, mean_error(outcome),
               worst_error(outcome), epsilon ? fmt::format("{:.4g}", *epsilon) : "-",
               moved_bytes(outcome), outcome.seconds);
  }
  fmt::print(
      "\n  error of each silo's model (row) in each regime (column); 1: as good as none; then of "
      "coarse runs with it, over that of runs without\n");
  for (const auto& outcome : results.compared)
    for (std::size_t silo = 0; silo < outcome.errors.size(); ++silo) {
      fmt::print("  {:<11} {:>2}", silo == 0 ? outcome.plan.name : "", silo);
      for (const double error : outcome.errors[silo]) fmt::print(" {:>8.3f}", error);
      fmt::print("   ");
      if (silo < outcome.run_errors.size())
        for (const double error : outcome.run_errors[silo]) fmt::print(" {:>8.3f}", error);
      fmt::print("\n");
    }
  if (results.fixed_point) {
    fmt::print("\n  the line: weights, then offset\n");
    print_line("fixed point, closed form", *results.fixed_point);
    print_line("reached", results.compared.front().line);
    print_line("least squares of all data", *results.pooled);
  }
  fmt::print("\n  {} federations in {:.1f} s\n", results.swept.size() + results.compared.size(),
             results.wall_seconds);
}

void report(const Results& results, const std::string& folder)
{
  const std::filesystem::path at{folder};
  write_archive(results, (at / "federate.h5").string());
  write_log(results, (at / "training.log").string());
  const auto files = write_events(results, folder);
  write((at / "hyperparameters.json").string(), hyperparameters_text(results));
  write((at / "metrics.json").string(), metrics_text(results));
  write((at / "summary.json").string(), summary_text(results));
  print_tables(results);
  for (const char* name :
       {"federate.h5", "training.log", "hyperparameters.json", "metrics.json", "summary.json"})
    fmt::print("wrote {}\n", (at / name).string());
  fmt::print("wrote {} event files below {}\n", files.size(), (at / "tensorboard").string());
  std::fflush(stdout);
}

}  // namespace federate
