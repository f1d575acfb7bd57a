// federate.h5, and the event files.

#include "report.hpp"

#include "support/tensorboard.hpp"

#include <fmt/format.h>

#include <filesystem>

namespace federate {

namespace {

/// Of a silo, as TensorBoard is to group them.
constexpr const char* tags[][2] = {
    {"loss/local", "local_loss"},         {"loss/global", "global_loss"},
    {"loss/held_out", "validation_loss"}, {"update/norm", "update_norm"},
    {"update/clipped", "clipped"},        {"update/moved_bytes", "moved_bytes"},
    {"update/staleness", "staleness"},    {"privacy/epsilon", "epsilon"},
    {"time/training", "training"},        {"time/waiting", "waiting"}};

std::string settings_text(const Plan& plan)
{
  std::string text = "| setting | value |\n|---|---|\n";
  text += fmt::format("| method | {} |\n| rounds | {} |\n| local steps | {} |\n", plan.method,
                      plan.rounds, plan.steps_of_a_round());
  text += fmt::format("| batch | {} |\n| rate | {:g} |\n", plan.batch, plan.rate);
  if (plan.mu) text += fmt::format("| mu | {:g} |\n", *plan.mu);
  return text;
}

}  // namespace

void write_archive(const Results& results, const std::string& path)
{
  cardan::Archive archive{MPI_COMM_SELF, path, cardan::Archive::Mode::create};
  for (const auto& [name, value] : cardan::build_information()) archive.attribute("/", name, value);
  archive.attribute("/", "problem", results.settings.problem);
  archive.attribute("/", "seed", results.settings.seed);
  archive.attribute("/", "silos", static_cast<std::int64_t>(results.silos));
  std::string regimes;
  for (const auto& regime : results.regimes) regimes += regime + "\n";
  archive.text("text/regimes", regimes);
  for (const auto& outcome : results.compared) {
    const std::string at = "methods/" + outcome.plan.name;
    for (std::size_t silo = 0; silo < outcome.silos.size(); ++silo) {
      const std::string group = fmt::format("{}/silo_{}", at, silo);
      for (const auto& column : round_columns())
        archive.series(fmt::format("{}/{}", group, column), outcome.silos[silo].of(column));
      archive.series(group + "/errors", outcome.errors[silo]);
    }
    archive.attribute(at, "rounds", outcome.plan.rounds);
    archive.attribute(at, "local_steps", outcome.plan.steps_of_a_round());
    archive.attribute(at, "rate", outcome.plan.rate);
  }
  archive.close();
}

std::vector<std::string> write_events(const Results& results, const std::string& folder)
{
  std::vector<std::string> paths;
  const auto finish = [&](miniapp::EventFile& file) {
    file.close();
    paths.push_back(file.path());
  };
  const std::filesystem::path below = std::filesystem::path(folder) / "tensorboard";
  std::error_code none;
  std::filesystem::remove_all(below, none);
  for (const auto& outcome : results.compared) {
    const auto at = below / outcome.plan.name;
    for (std::size_t silo = 0; silo < outcome.silos.size(); ++silo) {
      miniapp::EventFile file{(at / fmt::format("silo-{}", silo)).string(), "federate"};
      file.text("settings", settings_text(outcome.plan));
      for (const auto& [tag, column] : tags) {
        const auto& values = outcome.silos[silo].of(column);
        for (std::size_t i = 0; i < values.size(); ++i)
          file.scalar(tag, static_cast<std::int64_t>(i), values[i]);
      }
      finish(file);
    }
    miniapp::EventFile file{(at / "global").string(), "federate"};
    file.text("settings", settings_text(outcome.plan));
    for (const auto& [tag, column] : tags) {
      const auto values = mean_of(outcome, column);
      for (std::size_t i = 0; i < values.size(); ++i)
        file.scalar(tag, static_cast<std::int64_t>(i), values[i]);
    }
    finish(file);
  }
  return paths;
}

}  // namespace federate
